import KubernetesAPI
import YAML

extension CheckReport {
    /// One line for each finding, in the order of the files, and one that sums up.
    public var text: String {
        var lines = faults.map(\.description)
        for check in checks {
            for finding in check.findings {
                let rule = finding.rule.map { " [\($0)]" } ?? ""
                // A name of a field can be any text.
                let text = PrintableText.escaping(finding.text, quotes: false, maximumLength: .max)
                lines.append("\(check.object.file):\(finding.position.line): \(finding.severity.rawValue): \(text)\(rule)")
            }
        }
        return lines.map { $0 + "\n" }.joined() + "\(summary)\n"
    }
}

extension CheckReport.Summary: CustomStringConvertible {
    public var description: String {
        var text = "\(Self.counted(objects, "object")) checked in \(Self.counted(files, "file")): "
        text += "\(refused) refused, \(warned) with warnings, \(good) good"
        if skipped > 0 { text += "; \(skipped) of other kinds skipped" }
        if unreadable > 0 { text += "; \(Self.counted(unreadable, "place")) not readable" }
        return text
    }

    private static func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
}
