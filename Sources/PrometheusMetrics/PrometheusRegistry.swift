public import NIOCore
import NIOConcurrencyHelpers

/// The metrics of a process, told in the text format of Prometheus.
///
/// A metric is made once and kept by whoever counts; asking again for the same name and labels gives the same one. What cannot be told
/// beside the others, because its name is taken by a metric of another type, counts for itself and is not told.
public final class PrometheusRegistry: Sendable {
    /// The media type of ``page()``.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// The series that one metric may have. Whatever comes later counts together, with `other` as the value of all labels, so that
    /// a label with values without end cannot fill the memory.
    static let maximumSeries = 1000

    private struct Series {
        let metric: any PrometheusMetric
        var uses: Int
    }

    private struct Family {
        let type: MetricType
        let help: String
        var series: [PrometheusLabels: Series] = [:]
    }

    private let families = NIOLockedValueBox<[String: Family]>([:])

    public init() {}

    // MARK: Metrics

    /// - Parameters:
    ///   - name: ends in `_total` by convention. Characters that a name must not have become underscores.
    ///   - help: one sentence; empty for none.
    public func counter(_ name: String, help: String, labels: PrometheusLabels = [:]) -> PrometheusCounter {
        metric(name, .counter, help, labels) { PrometheusCounter() }
    }

    /// A counter that something else keeps.
    ///
    /// - Parameter read: called whenever the metrics are told; must not block. Nil while there is nothing to tell.
    public func counter(
        _ name: String, help: String, labels: PrometheusLabels = [:], reading read: @escaping @Sendable () -> Double?
    ) {
        _ = metric(name, .counter, help, labels) { PrometheusReading(read) }
    }

    /// The counters of a metric whose labels are made from a key.
    ///
    /// - Parameter known: the keys that are known beforehand.
    public func counters<Key: Hashable & Sendable>(
        _ name: String, help: String, known: [Key] = [], labels: @escaping @Sendable (Key) -> PrometheusLabels
    ) -> PrometheusCounters<Key> {
        families.withLockedValue { _ = Self.declare(name, .counter, help, in: &$0) }
        return PrometheusCounters(known: known) { [self] in counter(name, help: help, labels: labels($0)) }
    }

    public func gauge(_ name: String, help: String, labels: PrometheusLabels = [:]) -> PrometheusGauge {
        metric(name, .gauge, help, labels) { PrometheusGauge() }
    }

    /// A gauge that something else keeps.
    ///
    /// - Parameter read: called whenever the metrics are told; must not block. Nil while there is nothing to tell.
    public func gauge(_ name: String, help: String, labels: PrometheusLabels = [:], reading read: @escaping @Sendable () -> Double?) {
        _ = metric(name, .gauge, help, labels) { PrometheusReading(read) }
    }

    /// - Parameters:
    ///   - name: ends in its unit by convention.
    ///   - buckets: the upper bounds of the buckets, inclusive, without the infinite one.
    public func histogram(
        _ name: String, help: String, labels: PrometheusLabels = [:], buckets: [Double] = PrometheusHistogram.durationBuckets
    ) -> PrometheusHistogram {
        metric(name, .histogram, help, labels) { PrometheusHistogram(buckets: buckets) }
    }

    // MARK: Telling

    /// What a scrape gets: all metrics, ordered by name and labels.
    public func page() -> ByteBuffer {
        var text = PrometheusText()
        // Written outside the lock: readings may take their time, or make metrics.
        for (name, family) in families.withLockedValue({ $0 }).sorted(by: { $0.key < $1.key }) {
            text.head(name, family.type, help: family.help)
            for (labels, series) in family.series.map({ ($0.key.text, $0.value) }).sorted(by: { $0.0 < $1.0 }) {
                series.metric.write(name, labels, into: &text)
            }
        }
        return text.buffer
    }

    // MARK: Keeping

    private func metric<Metric: PrometheusMetric>(
        _ name: String, _ type: MetricType, _ help: String, _ labels: PrometheusLabels, make: () -> Metric
    ) -> Metric {
        families.withLockedValue { families in
            guard let name = Self.declare(name, type, help, in: &families), var family = families[name] else { return make() }
            let isFull = family.series[labels] == nil && family.series.count >= Self.maximumSeries
            let labels = isFull ? labels.settingAll(to: "other") : labels
            let metric: Metric
            if let known = family.series[labels] {
                guard let sameMetric = known.metric as? Metric else { return make() }
                metric = sameMetric
            } else {
                metric = make()
            }
            family.series[labels, default: Series(metric: metric, uses: 0)].uses += 1
            families[name] = family
            return metric
        }
    }

    /// Forgets a series when all that asked for it have said so.
    func release(_ name: String, _ labels: PrometheusLabels) {
        families.withLockedValue { families in
            let name = PrometheusName.metric(name)
            guard let series = families[name]?.series[labels] else { return }
            families[name]?.series[labels] = series.uses > 1 ? Series(metric: series.metric, uses: series.uses - 1) : nil
        }
    }

    /// The name under which a metric is told, or nil when it cannot be.
    private static func declare(_ name: String, _ type: MetricType, _ help: String, in families: inout [String: Family]) -> String? {
        let name = PrometheusName.metric(name)
        if let family = families[name] { return family.type == type ? name : nil }
        let taken = families.flatMap { $0.value.type.sampleNames(of: $0.key) }
        guard Set(taken).isDisjoint(with: type.sampleNames(of: name)) else { return nil }
        families[name] = Family(type: type, help: help)
        return name
    }
}
