import NIOConcurrencyHelpers

/// The counters of one metric, found by what their labels stand for.
///
/// Those of the keys that are known beforehand are told from the start as 0, so that the first increment shows as one, and are found
/// without a lock.
public final class PrometheusCounters<Key: Hashable & Sendable>: Sendable {
    private let known: [Key: PrometheusCounter]
    private let others = NIOLockedValueBox<[Key: PrometheusCounter]>([:])
    private let make: @Sendable (Key) -> PrometheusCounter

    init(known: [Key], make: @escaping @Sendable (Key) -> PrometheusCounter) {
        self.known = Dictionary(known.map { ($0, make($0)) }, uniquingKeysWith: { first, _ in first })
        self.make = make
    }

    public subscript(key: Key) -> PrometheusCounter {
        known[key]
            ?? others.withLockedValue { others in
                if let counter = others[key] { return counter }
                let counter = make(key)
                if others.count < PrometheusRegistry.maximumSeries { others[key] = counter }
                return counter
            }
    }
}
