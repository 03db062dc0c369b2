import NIOCore

/// Writes the text format of Prometheus, version 0.0.4.
struct PrometheusText {
    private(set) var buffer = ByteBufferAllocator().buffer(capacity: 16 * 1024)

    /// The lines that stand before the samples of a metric.
    mutating func head(_ name: String, _ type: MetricType, help: String) {
        if !help.isEmpty { buffer.writeString("# HELP \(name) \(Self.escaped(help, quotes: false))\n") }
        buffer.writeString("# TYPE \(name) \(type.rawValue)\n")
    }

    mutating func sample(_ name: String, _ labels: String, _ value: Double) {
        sample(name, labels, Self.number(value))
    }

    mutating func sample(_ name: String, _ labels: String, _ value: UInt64) {
        sample(name, labels, String(value))
    }

    private mutating func sample(_ name: String, _ labels: String, _ value: String) {
        buffer.writeString(name)
        if !labels.isEmpty { buffer.writeString("{\(labels)}") }
        buffer.writeString(" \(value)\n")
    }

    /// The shortest text that reads as the same number; whole numbers without a fraction.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        return Int64(exactly: value).map(String.init) ?? value.description
    }

    /// Backslashes and line feeds are escaped everywhere, quotation marks in the values of labels.
    static func escaped(_ text: String, quotes: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

/// The types of metrics that are told.
enum MetricType: String, Sendable {
    case counter, gauge, histogram

    /// What a metric's samples are called.
    func sampleNames(of name: String) -> [String] {
        switch self {
        case .counter, .gauge: [name]
        case .histogram: [name, name + "_bucket", name + "_sum", name + "_count"]
        }
    }
}

/// A series, or what stands for one.
protocol PrometheusMetric: AnyObject, Sendable {
    /// - Parameter labels: as ``PrometheusLabels/text`` gives them.
    func write(_ name: String, _ labels: String, into text: inout PrometheusText)
}
