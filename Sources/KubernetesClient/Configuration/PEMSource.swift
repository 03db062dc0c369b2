/// Certificates or a key in PEM, given as such or as a file that may be replaced while we run.
enum PEMSource: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    case data([UInt8])
    case file(String)

    /// Without the data, which may be a private key.
    var description: String {
        switch self {
        case .data(let bytes): "[\(bytes.count) bytes]"
        case .file(let path): path
        }
    }

    var customMirror: Mirror { Mirror(self, children: []) }
}
