import CAllocations
import Glibc

/// What one operation costs.
struct Measurement {
    /// Of the fastest batch, since nothing but the operation itself can make it that fast.
    let nanoseconds: Double
    let allocations: Double
    let allocatedBytes: Double

    /// Runs the operation in batches of about ten milliseconds for as long as is said.
    init(_ duration: Duration, _ operation: () throws -> Void) rethrows {
        try operation()
        var size = 1
        while try Self.time({ try Self.repeating(size, operation) }) < 10_000_000 { size *= 2 }

        // What is allocated once and kept was allocated above.
        let (count, bytes) = (allocations_count(), allocations_bytes())
        try Self.repeating(size, operation)
        allocations = Double(allocations_count() - count) / Double(size)
        allocatedBytes = Double(allocations_bytes() - bytes) / Double(size)

        var fastest = Double.infinity
        let end = ContinuousClock.now + duration
        while ContinuousClock.now < end {
            fastest = min(fastest, try Self.time { try Self.repeating(size, operation) })
        }
        nanoseconds = fastest / Double(size)
    }

    /// The nanoseconds of a core that something takes; what other processes get in between does not count.
    private static func time(_ body: () throws -> Void) rethrows -> Double {
        let start = threadTime()
        try body()
        return threadTime() - start
    }

    private static func threadTime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
    }

    @inline(never)
    private static func repeating(_ count: Int, _ operation: () throws -> Void) rethrows {
        for _ in 0..<count { try operation() }
    }
}
