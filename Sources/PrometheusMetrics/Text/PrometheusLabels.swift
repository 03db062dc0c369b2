/// The labels that tell the series of one metric apart. Their order does not matter.
///
/// Every set of values is a series that lives as long as the process, here and in Prometheus. So values come from a small fixed set,
/// never from what a client sent.
public struct PrometheusLabels: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    private struct Label: Sendable, Hashable {
        let name: String
        let value: String
    }

    private let labels: [Label]

    /// Characters that a name must not have become underscores. Of two labels with one name the first counts.
    public init(_ labels: some Sequence<(name: String, value: String)>) {
        var known: Set<String> = []
        self.labels =
            labels
            .map { Label(name: PrometheusName.label($0.name), value: $0.value) }
            .filter { known.insert($0.name).inserted }
            .sorted { $0.name < $1.name }
    }

    public init(dictionaryLiteral elements: (String, String)...) {
        self.init(elements.lazy.map { (name: $0.0, value: $0.1) })
    }

    /// The same names with another value.
    func settingAll(to value: String) -> PrometheusLabels {
        PrometheusLabels(labels.lazy.map { (name: $0.name, value: value) })
    }

    /// As it stands between the braces of a sample: `code="200",webhook="validate"`.
    var text: String {
        labels.map { "\($0.name)=\"\(PrometheusText.escaped($0.value, quotes: true))\"" }.joined(separator: ",")
    }
}
