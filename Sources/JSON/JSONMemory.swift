/// Where texts that are read take memory from, when that is limited.
///
/// It is set for whatever runs within ``withCurrent(_:_:)``, since texts stand in texts: deep in a conversion an annotation is read as a document
/// of its own, and may be as large as the whole. Whoever sets a limit has to look at the end whether it was met, for a text that could not be read
/// may count for less than an error where it was found.
public final class JSONMemory: Sendable {
    @TaskLocal private static var limited: JSONMemory?

    /// What holds for the code that runs; nil for no limit.
    public static var current: JSONMemory? { limited }

    private let take: @Sendable (Int) -> Bool
    private let release: @Sendable (Int) -> Void

    /// - Parameters:
    ///   - take: asked for bytes; says whether there are so many.
    ///   - release: gets back what was taken and is not needed any more.
    public init(take: @escaping @Sendable (Int) -> Bool, release: @escaping @Sendable (Int) -> Void) {
        self.take = take
        self.release = release
    }

    /// Runs something whose texts take memory from here.
    public static func withCurrent<Result>(_ memory: JSONMemory, _ body: () -> Result) -> Result {
        $limited.withValue(memory, operation: body)
    }

    /// Takes memory for something beside an index, for as long as the limit holds.
    public func reserve(_ byteCount: Int) -> Bool { take(byteCount) }

    /// What an index has taken so far.
    struct Reservation {
        /// A node has 16 bytes, and whoever walks the index makes lists of the values in it, and tables of the names. There is one for each bracket,
        /// comma and colon too, though nothing is written to those: in all at least twice as many as values.
        static let bytesPerNode = 32

        /// What is made of a text that is read down to its last value is up to twice as long: strings without their escapes, parts written anew.
        static let bytesPerByte = 2

        let memory: JSONMemory
        private(set) var byteCount = 0

        init(_ memory: JSONMemory) {
            self.memory = memory
        }

        mutating func take(nodes: Int) -> Bool { take(nodes, times: Self.bytesPerNode) }

        mutating func take(textOf byteCount: Int) -> Bool { take(byteCount, times: Self.bytesPerByte) }

        private mutating func take(_ count: Int, times size: Int) -> Bool {
            let (count, overflows) = count.multipliedReportingOverflow(by: size)
            guard !overflows, memory.take(count) else { return false }
            byteCount += count
            return true
        }

        func release() {
            if byteCount > 0 { memory.release(byteCount) }
        }
    }
}
