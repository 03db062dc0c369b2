import CMalloc

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
