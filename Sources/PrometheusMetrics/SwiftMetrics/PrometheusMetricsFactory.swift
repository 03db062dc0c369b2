public import CoreMetrics

/// Takes what libraries tell through swift-metrics into a ``PrometheusRegistry``.
///
/// Labels become names by the conventions of Prometheus: `a.b` is told as `a_b`, counters end in `_total`, and timers, which are
/// histograms, in `_seconds`. Recorders are histograms when they aggregate, else gauges, as meters are. A label that is used for two
/// types of metrics is told as the first.
public struct PrometheusMetricsFactory: MetricsFactory {
    private let registry: PrometheusRegistry
    private let durationBuckets: [Double]
    private let valueBuckets: [Double]

    /// - Parameters:
    ///   - durationBuckets: the bounds for timers, in seconds.
    ///   - valueBuckets: the bounds for recorders that aggregate, in units of their own.
    public init(
        _ registry: PrometheusRegistry, durationBuckets: [Double] = PrometheusHistogram.durationBuckets,
        valueBuckets: [Double] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000]
    ) {
        self.registry = registry
        self.durationBuckets = durationBuckets
        self.valueBuckets = valueBuckets
    }

    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        counter(label, dimensions)
    }

    public func makeFloatingPointCounter(label: String, dimensions: [(String, String)]) -> any FloatingPointCounterHandler {
        counter(label, dimensions)
    }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        gauge(label, dimensions)
    }

    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        guard aggregate else { return gauge(label, dimensions) }
        return histogram(label, dimensions, buckets: valueBuckets)
    }

    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        histogram(Self.name(label, suffix: "_seconds"), dimensions, buckets: durationBuckets)
    }

    public func destroyCounter(_ handler: any CounterHandler) { release(handler) }
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { release(handler) }
    public func destroyMeter(_ handler: any MeterHandler) { release(handler) }
    public func destroyRecorder(_ handler: any RecorderHandler) { release(handler) }
    public func destroyTimer(_ handler: any TimerHandler) { release(handler) }

    private func counter(_ label: String, _ dimensions: [(String, String)]) -> ReportedCounter {
        let series = ReportedSeries(Self.name(label, suffix: "_total"), dimensions)
        return ReportedCounter(series, registry.counter(series.name, help: "", labels: series.labels))
    }

    private func gauge(_ label: String, _ dimensions: [(String, String)]) -> ReportedGauge {
        let series = ReportedSeries(label, dimensions)
        return ReportedGauge(series, registry.gauge(series.name, help: "", labels: series.labels))
    }

    private func histogram(_ name: String, _ dimensions: [(String, String)], buckets: [Double]) -> ReportedHistogram {
        let series = ReportedSeries(name, dimensions)
        return ReportedHistogram(series, registry.histogram(series.name, help: "", labels: series.labels, buckets: buckets))
    }

    private func release(_ handler: AnyObject) {
        guard let series = (handler as? any ReportedMetric)?.series else { return }
        registry.release(series.name, series.labels)
    }

    private static func name(_ label: String, suffix: String) -> String {
        let name = PrometheusName.metric(label)
        return name.hasSuffix(suffix) ? name : name + suffix
    }
}
