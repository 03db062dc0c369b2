import Synchronization

/// A number that only grows, until the process ends. An increment is one atomic addition.
public final class PrometheusCounter: PrometheusMetric {
    private let whole = Atomic<UInt64>(0)
    private let fraction = AtomicDouble()

    init() {}

    public func increment(by amount: UInt64 = 1) {
        whole.wrappingAdd(amount, ordering: .relaxed)
    }

    /// An amount that is negative, infinite or no number is ignored.
    public func increment(by amount: Double) {
        guard amount > 0, amount.isFinite else { return }
        fraction.add(amount)
    }

    func reset() {
        whole.store(0, ordering: .relaxed)
        fraction.store(0)
    }

    func write(_ name: String, _ labels: String, into text: inout PrometheusText) {
        let (whole, fraction) = (whole.load(ordering: .relaxed), fraction.load())
        if fraction == 0 {
            text.sample(name, labels, whole)
        } else {
            text.sample(name, labels, Double(whole) + fraction)
        }
    }
}
