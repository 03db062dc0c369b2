import DBMMOMySQLAPI
import JSON
import KubernetesAPI

/// `/mutate`: the defaults of an object that is written.
enum MutatingWebhook {
    static func answer(_ request: AdmissionRequest) throws(ReviewError) -> AdmissionResponse {
        switch AdmissionSubject(request) {
        case .other(let warning):
            return request.allowed(warnings: warning.map { [$0] } ?? [])
        case .object(.create, _), .object(.update, _):
            let object = try request.required(request.object, "object")
            let old = request.operation == .update ? try request.required(request.oldObject, "oldObject") : nil
            let patch = try request.reading { () throws(ConversionError) in
                try Defaulting.patch(for: object, replacing: old, namespace: request.namespace)
            }
            return request.allowed(patch: patch)
        case .object:
            return request.allowed()
        }
    }
}
