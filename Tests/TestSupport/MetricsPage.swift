/// A page in the text format of Prometheus, version 0.0.4, read more strictly than Prometheus does: what its documentation only
/// recommends, such as keeping the lines of a metric together, is demanded.
public struct MetricsPage {
    public struct Sample: Sendable {
        public let name: String
        public let labels: [String: String]
        public let value: Double
    }

    public struct Metric: Sendable {
        public let name: String
        public let type: String
        public let help: String?
        public fileprivate(set) var samples: [Sample] = []
    }

    public struct Malformed: Error, CustomStringConvertible {
        public let description: String
    }

    public private(set) var metrics: [Metric] = []

    public init(parsing text: String) throws(Malformed) {
        var help: (name: String, text: String)?
        guard text.unicodeScalars.last == "\n" else { throw Malformed(description: "the last line does not end") }
        for line in text.unicodeScalars.dropLast().split(separator: "\n", omittingEmptySubsequences: false) {
            var scanner = LineScanner(line)
            guard scanner.skip("#") else {
                guard help == nil else { throw scanner.malformed("HELP without TYPE before") }
                try add(try scanner.sample())
                continue
            }
            try scanner.demand(" ")
            let keyword = scanner.word()
            try scanner.demand(" ")
            let name = try scanner.metricName()
            try scanner.demand(" ")
            guard !metrics.contains(where: { $0.name == name }) else { throw scanner.malformed("a second time \(name)") }
            switch keyword {
            case "HELP":
                guard help == nil else { throw scanner.malformed("a second HELP") }
                help = (name, try scanner.escapedRest())
            case "TYPE":
                guard help?.name ?? name == name else { throw scanner.malformed("HELP of another metric before") }
                let type = scanner.rest()
                guard ["counter", "gauge", "histogram"].contains(type) else { throw scanner.malformed("unknown type") }
                metrics.append(Metric(name: name, type: type, help: help?.text))
                help = nil
            default: throw scanner.malformed("neither HELP nor TYPE")
            }
        }
        for metric in metrics where metric.type == "histogram" { try Self.checkHistogram(metric) }
    }

    /// The value of the sample that has exactly these labels.
    public subscript(name: String, labels: [String: String]) -> Double? {
        metrics.lazy.flatMap(\.samples).first { $0.name == name && $0.labels == labels }?.value
    }

    /// The value of the sample that has no labels.
    public subscript(name: String) -> Double? { self[name, [:]] }

    private mutating func add(_ sample: Sample) throws(Malformed) {
        guard let metric = metrics.last else { throw Malformed(description: "\(sample) has no TYPE") }
        let suffixes = metric.type == "histogram" ? ["_bucket", "_sum", "_count"] : [""]
        guard suffixes.contains(where: { sample.name == metric.name + $0 }) else {
            throw Malformed(description: "\(sample) stands among the samples of \(metric.name)")
        }
        guard self[sample.name, sample.labels] == nil else { throw Malformed(description: "\(sample) is there already") }
        guard metric.type != "counter" || sample.value >= 0 else { throw Malformed(description: "\(sample) is less than 0") }
        metrics[metrics.count - 1].samples.append(sample)
    }

    private static func checkHistogram(_ metric: Metric) throws(Malformed) {
        let series = Dictionary(grouping: metric.samples) { sample in sample.labels.filter { $0.key != "le" } }
        for (labels, samples) in series {
            let buckets = samples.filter { $0.name == metric.name + "_bucket" }
            let bounds = buckets.compactMap { $0.labels["le"].flatMap(LineScanner.number) }
            let ends = ["_sum", "_count"].map { end in samples.filter { $0.name == metric.name + end && $0.labels["le"] == nil } }
            guard bounds.count == buckets.count, bounds == Set(bounds).sorted(), bounds.last == .infinity,
                buckets.map(\.value) == buckets.map(\.value).sorted(), ends.allSatisfy({ $0.count == 1 }),
                ends[1].first?.value == buckets.last?.value
            else { throw Malformed(description: "\(metric.name) \(labels) is no histogram: \(samples)") }
        }
    }
}

private struct LineScanner {
    private let line: String
    private var unread: Substring.UnicodeScalarView

    init(_ line: some Sequence<Unicode.Scalar>) {
        self.line = String(String.UnicodeScalarView(line))
        unread = Substring(self.line).unicodeScalars
    }

    func malformed(_ reason: String) -> MetricsPage.Malformed {
        MetricsPage.Malformed(description: "\(reason): \(line)")
    }

    mutating func skip(_ scalar: Unicode.Scalar) -> Bool {
        guard unread.first == scalar else { return false }
        unread.removeFirst()
        return true
    }

    mutating func demand(_ scalar: Unicode.Scalar) throws(MetricsPage.Malformed) {
        guard skip(scalar) else { throw malformed("'\(scalar)' is missing before '\(Substring(unread))'") }
    }

    mutating func rest() -> String {
        defer { unread = unread[unread.endIndex...] }
        return String(Substring(unread))
    }

    mutating func word() -> String {
        let word = unread.prefix { $0 != " " }
        unread = unread[word.endIndex...]
        return String(Substring(word))
    }

    mutating func metricName() throws(MetricsPage.Malformed) -> String {
        try name { $0 == ":" }
    }

    private mutating func name(alsoAllowing isAllowed: (Unicode.Scalar) -> Bool) throws(MetricsPage.Malformed) -> String {
        let digits: ClosedRange<Unicode.Scalar> = "0"..."9"
        let name = unread.prefix { scalar in
            ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || digits.contains(scalar) || scalar == "_" || isAllowed(scalar)
        }
        guard let first = name.first, !digits.contains(first) else { throw malformed("no name at '\(Substring(unread))'") }
        unread = unread[name.endIndex...]
        return String(Substring(name))
    }

    /// The text up to the end of the line.
    mutating func escapedRest() throws(MetricsPage.Malformed) -> String {
        var text = String.UnicodeScalarView()
        while let scalar = unread.popFirst() {
            text.append(scalar == "\\" ? try escaped(quotes: false) : scalar)
        }
        return String(text)
    }

    private mutating func escaped(quotes: Bool) throws(MetricsPage.Malformed) -> Unicode.Scalar {
        switch unread.popFirst() {
        case "\\": return "\\"
        case "n": return "\n"
        case "\"" where quotes: return "\""
        default: throw malformed("an unknown escape")
        }
    }

    mutating func sample() throws(MetricsPage.Malformed) -> MetricsPage.Sample {
        let name = try metricName()
        let labels = skip("{") ? try labels() : [:]
        try demand(" ")
        let text = rest()
        guard let value = Self.number(text) else { throw malformed("'\(text)' is no number") }
        return MetricsPage.Sample(name: name, labels: labels, value: value)
    }

    private mutating func labels() throws(MetricsPage.Malformed) -> [String: String] {
        var labels: [String: String] = [:]
        repeat {
            let name = try name { _ in false }
            guard !name.hasPrefix("__"), labels[name] == nil else { throw malformed("label \(name)") }
            try demand("=")
            try demand("\"")
            var value = String.UnicodeScalarView()
            while !skip("\"") {
                guard let scalar = unread.popFirst() else { throw malformed("a value that does not end") }
                value.append(scalar == "\\" ? try escaped(quotes: true) : scalar)
            }
            labels[name] = String(value)
        } while skip(",")
        try demand("}")
        return labels
    }

    static func number(_ text: String) -> Double? {
        switch text {
        case "+Inf": return .infinity
        case "-Inf": return -.infinity
        case "NaN": return .nan
        default:
            guard text.unicodeScalars.allSatisfy({ ("0"..."9").contains($0) || "+-.e".unicodeScalars.contains($0) }) else { return nil }
            return Double(text)
        }
    }
}
