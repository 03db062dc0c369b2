import CoreMetrics

/// Where a metric of swift-metrics is kept.
struct ReportedSeries: Sendable {
    let name: String
    let labels: PrometheusLabels

    init(_ name: String, _ dimensions: [(String, String)]) {
        self.name = name
        self.labels = PrometheusLabels(dimensions.lazy.map { (name: $0.0, value: $0.1) })
    }
}

/// What swift-metrics holds of a metric.
protocol ReportedMetric: AnyObject {
    var series: ReportedSeries { get }
}

final class ReportedCounter: ReportedMetric, CounterHandler, FloatingPointCounterHandler {
    let series: ReportedSeries
    private let counter: PrometheusCounter

    init(_ series: ReportedSeries, _ counter: PrometheusCounter) {
        self.series = series
        self.counter = counter
    }

    func increment(by amount: Int64) {
        guard let amount = UInt64(exactly: amount) else { return }
        counter.increment(by: amount)
    }

    func increment(by amount: Double) { counter.increment(by: amount) }
    func reset() { counter.reset() }
}

/// A meter, or a recorder of which the last value counts.
final class ReportedGauge: ReportedMetric, MeterHandler, RecorderHandler {
    let series: ReportedSeries
    private let gauge: PrometheusGauge

    init(_ series: ReportedSeries, _ gauge: PrometheusGauge) {
        self.series = series
        self.gauge = gauge
    }

    func set(_ value: Int64) { gauge.set(Double(value)) }
    func set(_ value: Double) { gauge.set(value) }
    func increment(by amount: Double) { gauge.add(amount) }
    func decrement(by amount: Double) { gauge.add(-amount) }
    func record(_ value: Int64) { gauge.set(Double(value)) }
    func record(_ value: Double) { gauge.set(value) }
}

/// A timer, or a recorder that aggregates.
final class ReportedHistogram: ReportedMetric, TimerHandler, RecorderHandler {
    let series: ReportedSeries
    private let histogram: PrometheusHistogram

    init(_ series: ReportedSeries, _ histogram: PrometheusHistogram) {
        self.series = series
        self.histogram = histogram
    }

    func recordNanoseconds(_ duration: Int64) { histogram.observe(Double(duration) / 1e9) }
    func record(_ value: Int64) { histogram.observe(Double(value)) }
    func record(_ value: Double) { histogram.observe(value) }
}
