import Glibc

/// Files of certificates and keys: small, read and written whole.
enum SmallFile {
    /// More is not a certificate or key, in bytes.
    private static let limit = 1 << 20

    /// - Throws: `CertificateError.Code.missingFile` or `.unreadableFile`.
    static func read(_ path: String) throws(CertificateError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw readError(path, errno) }
        defer { close(descriptor) }
        var contents: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 * 1024)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw readError(path, errno)
            }
            if count == 0 { return contents }
            contents.append(contentsOf: chunk.prefix(count))
            guard contents.count <= limit else {
                throw CertificateError(.unreadableFile, "\(path) is too large for a certificate or key: over \(limit) bytes")
            }
        }
    }

    /// Creates a file that does not exist yet. It has its mode from its first byte on, and is on the disk afterwards.
    /// - Throws: `CertificateError.Code.unwritableFile`; then there is no file left.
    static func create(_ path: String, mode: mode_t, _ contents: [UInt8]) throws(CertificateError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
        guard descriptor >= 0 else { throw writeError(path, errno) }
        let failure = writeAll(descriptor, contents)
        let closeFailure = close(descriptor) == 0 ? nil : errno
        if let failure = failure ?? closeFailure {
            unlink(path)
            throw writeError(path, failure)
        }
    }

    /// Moves a file to its name. Without `replacing`, an existing file stays as it is.
    /// - Throws: `CertificateError.Code.filesExist` or `.unwritableFile`.
    static func move(_ source: String, to destination: String, replacing: Bool) throws(CertificateError) {
        if !replacing {
            // A hard link fails where a rename would replace.
            if link(source, destination) == 0 {
                unlink(source)
                return
            }
            if errno == EEXIST { throw CertificateError(.filesExist, "\(destination) exists already") }
            // Some file systems have no hard links.
            guard errno == EPERM || errno == EOPNOTSUPP else { throw writeError(destination, errno) }
            guard !exists(destination) else { throw CertificateError(.filesExist, "\(destination) exists already") }
        }
        guard rename(source, destination) == 0 else { throw writeError(destination, errno) }
    }

    /// Whether there is anything by this name, a dangling symbolic link included.
    static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    static func remove(_ path: String) {
        unlink(path)
    }

    /// Makes a directory and those above it; existing ones are fine.
    /// - Throws: `CertificateError.Code.unwritableFile`.
    static func makeDirectory(_ path: String) throws(CertificateError) {
        if mkdir(path, 0o755) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else { throw writeError(path, errno) }
        try makeDirectory(String(path[..<slash]))
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw writeError(path, errno) }
    }

    private static func writeAll(_ descriptor: CInt, _ contents: [UInt8]) -> CInt? {
        var rest = contents[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                return errno
            }
            rest = rest.dropFirst(count)
        }
        return fsync(descriptor) == 0 ? nil : errno
    }

    private static func readError(_ path: String, _ number: CInt) -> CertificateError {
        if number == ENOENT || number == ENOTDIR {
            return CertificateError(.missingFile, "\(path) does not exist")
        }
        return CertificateError(.unreadableFile, "\(path) cannot be read: \(text(number))")
    }

    private static func writeError(_ path: String, _ number: CInt) -> CertificateError {
        CertificateError(.unwritableFile, "\(path) cannot be written: \(text(number))")
    }

    private static func text(_ number: CInt) -> String {
        strerror(number).map { String(cString: $0) } ?? "error \(number)"
    }
}
