/// The number of a block device, as `7:0`.
struct DeviceNumber: Hashable, Sendable, CustomStringConvertible {
    let description: String

    init(_ text: some StringProtocol) { description = String(text) }
}

/// What is mounted where (proc(5), mountinfo).
struct MountTable: Sendable {
    struct Mount: Sendable, Equatable {
        let device: DeviceNumber
        let point: String
        /// As `xfs`.
        let fileSystem: String
        /// As `/dev/loop0`.
        let source: String
    }

    let mounts: [Mount]

    /// What this process sees now.
    ///
    /// - Throws: `Errno`.
    static func read() throws -> MountTable { MountTable(parsing: try TextFile.read("/proc/self/mountinfo")) }

    init(parsing text: String) {
        mounts = text.split(separator: "\n").compactMap(Self.mount)
    }

    /// What is mounted on a directory, the topmost where there are several.
    subscript(point: String) -> Mount? { mounts.last { $0.point == point } }

    /// `36 35 98:0 /root /point options tags - type source options`.
    private static func mount(_ line: Substring) -> Mount? {
        let fields = line.split(separator: " ")
        guard fields.count > 5, let hyphen = fields[6...].firstIndex(of: "-"), fields.count > hyphen + 2 else { return nil }
        return Mount(
            device: DeviceNumber(fields[2]), point: unescaped(fields[4]), fileSystem: String(fields[hyphen + 1]),
            source: unescaped(fields[hyphen + 2]))
    }

    /// Blanks, line ends and backslashes are written as a backslash with three octal digits.
    private static func unescaped(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            if byte == UInt8(ascii: "\\"), digits.count == 3, let code = UInt8(String(decoding: digits, as: UTF8.self), radix: 8) {
                bytes.append(code)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
