import JSON
import YAML

extension CheckReport {
    /// The report as one JSON document. `docs/commands.md` describes its fields, which stay.
    public var json: String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("summary")
        writer.summary(summary)
        writer.name("objects")
        writer.beginArray()
        for check in checks { writer.check(check) }
        writer.endArray()
        writer.name("faults")
        writer.beginArray()
        for fault in faults {
            writer.beginObject()
            writer.place(fault.file, fault.position)
            writer.member("message", fault.message)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return writer.text
    }
}

extension JSONWriter {
    private mutating func member(_ memberName: String, _ value: Int) {
        name(memberName)
        integer(Int64(value))
    }

    fileprivate mutating func place(_ file: String?, _ position: YAMLPosition) {
        member("file", file)
        member("line", position.line)
        member("column", position.column)
    }

    fileprivate mutating func summary(_ summary: CheckReport.Summary) {
        beginObject()
        member("files", summary.files)
        member("objects", summary.objects)
        member("refused", summary.refused)
        member("warned", summary.warned)
        member("good", summary.good)
        member("skipped", summary.skipped)
        member("unreadable", summary.unreadable)
        endObject()
    }

    fileprivate mutating func check(_ check: ObjectCheck) {
        beginObject()
        place(check.object.file, check.object.position)
        member("apiVersion", check.object.apiVersion ?? "")
        member("namespace", check.object.namespace ?? "")
        member("name", check.object.name ?? "")
        member("operation", check.isUpdate ? "UPDATE" : "CREATE")
        member("outcome", check.outcome.rawValue)
        name("rules")
        beginArray()
        for rule in check.rules { string(rule) }
        endArray()
        name("findings")
        beginArray()
        for finding in check.findings { self.finding(finding) }
        endArray()
        endObject()
    }

    private mutating func finding(_ finding: ObjectCheck.Finding) {
        beginObject()
        member("severity", finding.severity.rawValue)
        place(nil, finding.position)
        member("field", finding.field)
        member("rule", finding.rule)
        member("message", finding.text)
        endObject()
    }
}
