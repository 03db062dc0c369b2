import DBMMOMySQLAPI
import JSON
import KubernetesAPI
public import YAML

/// What becomes of an object that is applied: its defaults are filled in and the rules are asked, by the code that answers the webhooks, after
/// what an API server looks at by itself.
public struct ObjectCheck: Sendable {
    public enum Severity: String, Sendable {
        case error, warning
    }

    /// Something to say of one field.
    public struct Finding: Sendable {
        public let severity: Severity
        /// The file's line of the field, or of what is there of the way to it.
        public let position: YAMLPosition
        /// Empty for the object as a whole.
        public let field: String
        /// The rule of `docs/rules.md`; nil for what the API server finds by itself.
        public let rule: String?
        /// One line that begins with the field.
        public let text: String
    }

    public enum Outcome: String, Sendable {
        case refused, warned, good
    }

    public let object: ManifestObject
    /// Whether there was an earlier object, so that the rules of updates hold.
    public let isUpdate: Bool
    public private(set) var findings: [Finding] = []
    /// The rules that had something to say, as the API server's audit log names them.
    public private(set) var rules: [String] = []

    public var outcome: Outcome {
        if findings.contains(where: { $0.severity == .error }) { return .refused }
        return findings.isEmpty ? .good : .warned
    }

    /// - Parameters:
    ///   - old: the object as it is stored.
    ///   - namespace: where an object goes that names none.
    public init(_ object: ManifestObject, replacing old: ManifestObject?, namespace: String) {
        self.object = object
        isUpdate = old != nil
        guard let version = ServedVersion(of: object.json) else {
            add(.error, FieldPath("apiVersion"), "apiVersion: \(ServedVersion.kind) is not served in \(object.apiVersion ?? "")")
            return
        }
        let schema = SchemaCheck(object.json, version: version)
        for error in schema.errors { add(.error, error.field, "\(error)") }
        for field in schema.unknownFields { add(.warning, field, "\(field) is not a field of \(version); the API server drops it") }
        guard schema.errors.isEmpty else { return }
        do throws(ConversionError) {
            add(try Write(of: object.json, in: version, replacing: old?.json, namespace: object.namespace ?? namespace).verdict())
        } catch {
            add(.error, FieldPath(), "\(error)")
        }
    }

    private mutating func add(_ verdict: Verdict) {
        for violation in verdict.violations { add(.error, violation.error.field, "\(violation.error)", violation.rule) }
        for note in verdict.notes { add(.warning, note.field, note.text, note.rule) }
        rules = verdict.rules.map(\.rawValue).sorted()
    }

    private mutating func add(_ severity: Severity, _ field: FieldPath, _ text: String, _ rule: RuleID? = nil) {
        findings.append(
            Finding(severity: severity, position: object.position(of: field), field: "\(field)", rule: rule?.rawValue, text: text))
    }
}
