import DBMMOMySQLAPI
import JSON
import KubernetesAPI

/// `/validate`: whether a write keeps the rules.
enum ValidatingWebhook {
    /// The audit annotation that names the rules that had something to say.
    static let rulesAnnotation = "rules"

    static func answer(_ request: AdmissionRequest, _ count: inout WebhookCount) throws(ReviewError) -> AdmissionResponse {
        switch AdmissionSubject(request) {
        case .other(let warning):
            return request.allowed(warnings: warning.map { [$0] } ?? [])
        case .object(let operation, let words):
            let verdict = try verdict(on: request, operation: operation, words: words)
            let fired = verdict.rules.map(\.rawValue).sorted().joined(separator: ",")
            let annotations = fired.isEmpty ? [] : [(name: rulesAnnotation, value: fired)]
            guard !verdict.violations.isEmpty else {
                return request.allowed(warnings: verdict.warnings, auditAnnotations: annotations)
            }
            count.refusingRules = Set(verdict.violations.map(\.rule))
            return AdmissionResponse(
                uid: request.uid, allowed: false, status: status(of: verdict, on: request), warnings: verdict.warnings,
                auditAnnotations: annotations)
        }
    }

    private static func verdict(
        on request: AdmissionRequest, operation: AdmissionRequest.Operation, words: ServedVersion
    ) throws(ReviewError) -> Verdict {
        switch operation {
        case .create:
            let object = try request.required(request.object, "object")
            return try request.reading { () throws(ConversionError) in
                Validation.create(try DBMMOMySQL(object), words: words)
            }
        case .update:
            let new = try request.required(request.object, "object")
            let old = try request.required(request.oldObject, "oldObject")
            return try request.reading { () throws(ConversionError) in
                guard try !DBMMOMySQL.haveSameSpelling(of: old, new) else { return Verdict() }
                return Validation.update(from: try DBMMOMySQL(old), to: try DBMMOMySQL(new), words: words)
            }
        case .delete:
            // API servers before 1.15 do not say what they delete.
            guard let old = request.oldObject else { return Verdict() }
            return try request.reading { () throws(ConversionError) in
                Validation.delete(try DBMMOMySQL(old), words: words)
            }
        case .connect:
            return Verdict()
        }
    }

    private static func status(of verdict: Verdict, on request: AdmissionRequest) -> Status {
        let errors = verdict.violations.map(\.error)
        guard request.operation == .delete else {
            return .invalid(kind: request.requestKind, name: request.name, errors: errors)
        }
        let reasons = errors.map { "\($0.field): \($0.detail)" }.joined(separator: "; ")
        return .forbidden(request.resource, name: request.name, message: reasons)
    }
}
