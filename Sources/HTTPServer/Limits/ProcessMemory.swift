import CMalloc
import NIOCore

/// What the process keeps of the memory that it needed for a while.
enum ProcessMemory {
    /// Blocks of this size and more go back to the system as soon as they are freed. In bytes.
    private static let largeBlock: CInt = 1024 * 1024

    private static let largeBlocksAreMapped: Void = CMalloc_map_blocks_from(largeBlock)

    /// To be called before the first large body.
    static func configure() {
        largeBlocksAreMapped
    }

    /// Gives free memory of the heap back to the system, and unmaps code that ran at the start or in a busy time only; what is needed of it
    /// comes back from the page cache by itself. Takes some milliseconds.
    static func giveBack() {
        CMalloc_trim()
        CMalloc_release_program()
    }
}

extension ByteBuffer {
    /// From this size on a buffer is filled much faster with large pages. In bytes.
    private static let largeBuffer = 4 * 1024 * 1024

    /// Takes large pages for the room of a large buffer that is about to be filled.
    mutating func preferHugePages() {
        guard writableBytes >= Self.largeBuffer else { return }
        withUnsafeMutableWritableBytes { CMalloc_prefer_huge_pages($0.baseAddress, $0.count) }
    }
}
