import TestSupport

/// The faults that are to come.
struct FaultBook: Sendable {
    private var faults: [(id: Int, fault: Fault)] = []
    private var lastID = 0
    private var random: SeededGenerator

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
    }

    /// - Returns: By what it can be removed.
    mutating func add(_ fault: Fault) -> Int {
        lastID += 1
        faults.append((lastID, fault))
        return lastID
    }

    /// - Parameter id: Nil for all.
    mutating func remove(_ id: Int?) {
        faults.removeAll { id == nil || $0.id == id }
    }

    /// What happens to a call: of the faults that hit it the first. It counts when it is used.
    mutating func find(_ call: Call) -> (id: Int, effect: Fault.Effect)? {
        for index in faults.indices where faults[index].fault.fits(call) {
            if faults[index].fault.skipping > 0 {
                faults[index].fault.skipping -= 1
                continue
            }
            let probability = faults[index].fault.probability
            guard probability >= 1 || Double.random(in: 0..<1, using: &random) < probability else { continue }
            return (faults[index].id, faults[index].fault.effect)
        }
        return nil
    }

    /// Counts that a fault has hit a call.
    mutating func use(_ id: Int) {
        guard let index = faults.firstIndex(where: { $0.id == id }), let times = faults[index].fault.times else { return }
        faults[index].fault.times = times - 1
        if times <= 1 { faults.remove(at: index) }
    }
}
