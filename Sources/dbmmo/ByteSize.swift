import ArgumentParser

/// An amount of memory as people write it, in the units of Kubernetes: `64Ki`, `8Mi`, `1Gi`, or a plain number of bytes.
struct ByteSize: ExpressibleByArgument, Comparable, Sendable, CustomStringConvertible {
    private static let units: [(suffix: String, bytes: Int)] = [("Gi", 1 << 30), ("Mi", 1 << 20), ("Ki", 1 << 10)]

    let bytes: Int

    init(bytes: Int) {
        self.bytes = bytes
    }

    init?(argument: String) {
        let unit = Self.units.first { argument.hasSuffix($0.suffix) } ?? ("", 1)
        guard let count = UInt32(argument.dropLast(unit.suffix.count)) else { return nil }
        let (bytes, overflows) = Int(count).multipliedReportingOverflow(by: unit.bytes)
        guard !overflows else { return nil }
        self.bytes = bytes
    }

    static func < (a: ByteSize, b: ByteSize) -> Bool { a.bytes < b.bytes }

    static func kibibytes(_ count: Int) -> ByteSize { ByteSize(bytes: count << 10) }
    static func mebibytes(_ count: Int) -> ByteSize { ByteSize(bytes: count << 20) }
    static func gibibytes(_ count: Int) -> ByteSize { ByteSize(bytes: count << 30) }

    var description: String {
        guard bytes > 0, let unit = Self.units.first(where: { bytes.isMultiple(of: $0.bytes) }) else { return "\(bytes)" }
        return "\(bytes / unit.bytes)\(unit.suffix)"
    }
}
