/// Some names of members, among which one that stands in a document is found by its bytes.
public struct JSONNames: Sendable {
    private let names: [String]
    /// The names one after the other.
    private var bytes: [UInt8] = []
    /// Where each of them ends in ``bytes``.
    private var ends: [Int] = []

    /// - Parameter names: up to some dozens; they are compared one by one.
    public init(_ names: [String]) {
        self.names = names
        for name in names {
            bytes += name.utf8
            ends.append(bytes.count)
        }
    }

    /// The place among the names of a member's name; nil when it is none of them.
    public func index(of name: JSONValue) -> Int? {
        let found = name.withPlainString { spelling in
            bytes.withUnsafeBytes { bytes in
                var start = 0
                return ends.firstIndex { end in
                    defer { start = end }
                    return end - start == spelling.count && UnsafeRawBufferPointer(rebasing: bytes[start..<end]).isSame(as: spelling)
                }
            }
        }
        return found ?? name.string.flatMap { names.firstIndex(of: $0) }
    }
}
