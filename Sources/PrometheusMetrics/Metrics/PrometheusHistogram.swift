import NIOConcurrencyHelpers

/// How often which values occurred, in buckets.
public final class PrometheusHistogram: PrometheusMetric {
    /// Bounds in seconds for what takes from a tenth of a millisecond to ten seconds.
    public static let durationBuckets = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    private struct State {
        /// Observations by bucket; the last is beyond all bounds.
        var counts: [UInt64]
        var sum = 0.0
    }

    private let bounds: [Double]

    // A lock, so that the buckets, the sum and the count that are told belong together.
    private let state: NIOLockedValueBox<State>

    /// - Parameter buckets: the upper bounds of the buckets, inclusive. The last bucket, which has none, comes by itself.
    init(buckets: [Double]) {
        bounds = Set(buckets.filter(\.isFinite)).sorted()
        state = NIOLockedValueBox(State(counts: Array(repeating: 0, count: bounds.count + 1)))
    }

    /// A value that is no number is ignored.
    public func observe(_ value: Double) {
        guard !value.isNaN else { return }
        let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
        state.withLockedValue {
            $0.counts[bucket] &+= 1
            $0.sum += value
        }
    }

    func write(_ name: String, _ labels: String, into text: inout PrometheusText) {
        let state = state.withLockedValue { $0 }
        let prefix = labels.isEmpty ? "" : labels + ","
        var total: UInt64 = 0
        for (bound, count) in zip(bounds + [.infinity], state.counts) {
            total &+= count
            text.sample(name + "_bucket", "\(prefix)le=\"\(PrometheusText.number(bound))\"", total)
        }
        text.sample(name + "_sum", labels, state.sum)
        text.sample(name + "_count", labels, total)
    }
}
