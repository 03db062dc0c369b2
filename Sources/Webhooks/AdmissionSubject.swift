import DBMMOMySQLAPI
import JSON
import KubernetesAPI

/// What an admission request is about, as far as the webhooks care.
enum AdmissionSubject {
    /// A write or deletion of an object of ours.
    case object(operation: AdmissionRequest.Operation, words: ServedVersion)
    /// Something that is not for us to judge; the text says why where the registration should not have sent it.
    case other(warning: String?)

    init(_ request: AdmissionRequest) {
        guard request.kind.group == ServedVersion.group, request.kind.kind == ServedVersion.kind,
            let version = ServedVersion(rawValue: request.kind.version)
        else {
            self = .other(warning: "dbmmo does not know \(request.kind.kind) of \(request.kind.apiVersion); its webhook rules are too wide")
            return
        }
        guard request.subResource.isEmpty, request.operation != .connect else {
            self = .other(warning: nil)
            return
        }
        self = .object(operation: request.operation, words: ServedVersion(rawValue: request.requestKind.version) ?? version)
    }
}

extension AdmissionRequest {
    /// A part of the request that the operation must have.
    func required(_ value: JSONValue?, _ name: String) throws(ReviewError) -> JSONValue {
        guard let value else { throw .missing(field: "request.\(name)") }
        return value
    }

    /// Does what may find that an object is not of the kind that the request says.
    func reading<Result>(_ body: () throws(ConversionError) -> Result) throws(ReviewError) -> Result {
        do {
            return try body()
        } catch {
            throw .unusable("request.object or request.oldObject: \(error)")
        }
    }

    func allowed(warnings: [String] = [], patch: JSONPatch? = nil, auditAnnotations: [(name: String, value: String)] = [])
        -> AdmissionResponse
    {
        AdmissionResponse(uid: uid, allowed: true, warnings: warnings, patch: patch, auditAnnotations: auditAnnotations)
    }
}
