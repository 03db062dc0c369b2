import CAllocations

/// What one operation costs.
struct Measurement {
    /// Of the fastest batch, since nothing but the operation itself can make it that fast.
    let nanoseconds: Double
    let allocations: Double
    let allocatedBytes: Double

    /// Runs the operation in batches of about ten milliseconds for as long as is said.
    init(_ duration: Duration, _ operation: () throws -> Void) rethrows {
        let clock = ContinuousClock()
        try operation()
        var size = 1
        while try clock.measure({ try Self.repeating(size, operation) }) < .milliseconds(10) { size *= 2 }

        // What is allocated once and kept was allocated above.
        let (count, bytes) = (allocations_count(), allocations_bytes())
        try Self.repeating(size, operation)
        allocations = Double(allocations_count() - count) / Double(size)
        allocatedBytes = Double(allocations_bytes() - bytes) / Double(size)

        var fastest = Duration.seconds(3600)
        let end = clock.now + duration
        while clock.now < end {
            fastest = min(fastest, try clock.measure { try Self.repeating(size, operation) })
        }
        nanoseconds = (fastest / .nanoseconds(1)) / Double(size)
    }

    @inline(never)
    private static func repeating(_ count: Int, _ operation: () throws -> Void) rethrows {
        for _ in 0..<count { try operation() }
    }
}
