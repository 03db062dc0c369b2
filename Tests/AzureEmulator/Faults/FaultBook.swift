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

    /// What happens to a call: of the faults that hit it the first.
    mutating func take(_ call: Call) -> Fault.Effect? {
        for index in faults.indices where faults[index].fault.fits(call) {
            if faults[index].fault.skipping > 0 {
                faults[index].fault.skipping -= 1
                continue
            }
            let probability = faults[index].fault.probability
            guard probability >= 1 || Double.random(in: 0..<1, using: &random) < probability else { continue }
            let effect = faults[index].fault.effect
            if let times = faults[index].fault.times {
                faults[index].fault.times = times - 1
                if times <= 1 { faults.remove(at: index) }
            }
            return effect
        }
        return nil
    }
}
