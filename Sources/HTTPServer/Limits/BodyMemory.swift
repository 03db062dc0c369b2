import Synchronization

/// The memory that the bodies of all connections share, in bytes.
final class BodyMemory: Sendable {
    private let limit: Int
    private let reserved = Atomic(0)
    private let highest = Atomic(0)

    init(limit: Int) {
        self.limit = limit
    }

    /// What is reserved now.
    var inUse: Int { reserved.load(ordering: .relaxed) }

    /// The most that was reserved at a time since the last call.
    func takeHighest() -> Int {
        highest.exchange(inUse, ordering: .relaxed)
    }

    fileprivate func reserve(_ count: Int) -> Bool {
        var current = inUse
        while count <= limit - current {
            let (exchanged, original) = reserved.weakCompareExchange(
                expected: current, desired: current + count, ordering: .relaxed)
            if exchanged {
                highest.max(current + count, ordering: .relaxed)
                return true
            }
            current = original
        }
        return false
    }

    /// Reserves also what there is no room for, which then has none for others.
    fileprivate func overdraw(_ count: Int) {
        let sum = reserved.wrappingAdd(count, ordering: .relaxed).newValue
        highest.max(sum, ordering: .relaxed)
    }

    fileprivate func giveBack(_ count: Int) {
        reserved.wrappingSubtract(count, ordering: .relaxed)
    }
}

/// What is taken of the memory for bodies while a large request is worked on, beyond its body.
///
/// The work runs on a thread of its own. What is still held when this ends is given back.
public final class WorkMemory: Sendable {
    private let memory: BodyMemory
    private let held = Atomic(0)
    private let wasRefused = Atomic(false)

    init(_ memory: BodyMemory) {
        self.memory = memory
    }

    deinit {
        memory.giveBack(held.load(ordering: .relaxed))
    }

    /// Whether there was once too little: whatever came of the work, it is not to be used.
    public var isExhausted: Bool { wasRefused.load(ordering: .relaxed) }

    /// Asks for memory for some bytes.
    public func reserve(_ count: Int) -> Bool {
        guard count >= 0, memory.reserve(count) else {
            wasRefused.store(true, ordering: .relaxed)
            return false
        }
        held.wrappingAdd(count, ordering: .relaxed)
        return true
    }

    /// Gives back some of what was reserved.
    public func release(_ count: Int) {
        held.wrappingSubtract(count, ordering: .relaxed)
        memory.giveBack(count)
    }
}

/// One connection's part of the memory for bodies: some bytes that are its own, and what it reserves of ``BodyMemory`` beyond.
///
/// Belongs to one connection, which uses it on its event loop. Small bodies touch nothing that is shared. What is still held when the
/// value ends is given back, so that no way in which a connection can end leaks any.
struct BodyAllowance: ~Copyable {
    private let memory: BodyMemory
    private let unshared: Int
    private var held = 0
    private var reserved = 0

    /// - Parameter unshared: see ``HTTPServerLimits/unsharedBodySize``.
    init(_ memory: BodyMemory, unshared: Int) {
        self.memory = memory
        self.unshared = unshared
    }

    deinit {
        memory.giveBack(reserved)
    }

    /// Asks for memory for some received bytes.
    ///
    /// - Returns: false when there is no room for them; the request is then refused with ``HTTPRefusal/bodyMemory``.
    mutating func take(_ count: Int) -> Bool {
        let missing = held + count - unshared - reserved
        if missing > 0 {
            guard memory.reserve(missing) else { return false }
            reserved += missing
        }
        held += count
        return true
    }

    /// Counts the bytes of an answer, which exist already.
    mutating func hold(_ count: Int) {
        held += count
        let missing = held - unshared - reserved
        guard missing > 0 else { return }
        memory.overdraw(missing)
        reserved += missing
    }

    /// Gives back what was taken or held.
    mutating func release(_ count: Int) {
        held = max(0, held - count)
        let excess = reserved - max(0, held - unshared)
        guard excess > 0 else { return }
        memory.giveBack(excess)
        reserved -= excess
    }

    mutating func releaseAll() {
        release(held)
    }
}
