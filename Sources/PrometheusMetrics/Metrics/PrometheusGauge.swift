/// A number that goes up and down.
public final class PrometheusGauge: PrometheusMetric {
    private let value = AtomicDouble()

    init() {}

    public func set(_ value: Double) {
        self.value.store(value)
    }

    /// - Parameter amount: negative to go down. One that is infinite or no number is ignored.
    public func add(_ amount: Double) {
        guard amount.isFinite else { return }
        value.add(amount)
    }

    func write(_ name: String, _ labels: String, into text: inout PrometheusText) {
        text.sample(name, labels, value.load())
    }
}

/// A number that is asked for whenever the metrics are told.
final class PrometheusReading: PrometheusMetric {
    private let read: @Sendable () -> Double?

    init(_ read: @escaping @Sendable () -> Double?) {
        self.read = read
    }

    func write(_ name: String, _ labels: String, into text: inout PrometheusText) {
        guard let value = read() else { return }
        text.sample(name, labels, value)
    }
}
