import Glibc
public import SystemPackage

/// Text for a program's standard input, in a file without a name.
///
/// A pipe would need a writer, which fails when the program ends before it has read everything.
public enum InputFile {
    /// An open file that holds the text, to be closed by whoever takes it.
    public static func holding(_ text: String) throws -> FileDescriptor {
        var path = Array("/tmp/dbmmo-input-XXXXXX".utf8CString)
        let descriptor = FileDescriptor(rawValue: mkstemp(&path))
        guard descriptor.rawValue >= 0 else { throw Errno(rawValue: errno) }
        unlink(path)
        try descriptor.writeAll(text.utf8)
        _ = try descriptor.seek(offset: 0, from: .start)
        return descriptor
    }
}
