import HTTPServer
import JSON
import Logging
import NIOCore
import NIOHTTP1
import Webhooks

/// What the webhooks answer to a body, as the API server would read it.
struct Answer {
    let code: UInt
    let json: JSONValue
    let text: String

    var response: JSONValue? { json["response"] }
    var isAllowed: Bool? { response?["allowed"]?.boolean }
    var warnings: [String] { response?["warnings"]?.elements.compactMap(\.string) ?? [] }
    var rules: String? { response?[path: ["auditAnnotations", "rules"]]?.string }

    /// `field: message` of each cause.
    var causes: [String] {
        let causes = response?[path: ["status", "details", "causes"]]?.elements ?? []
        return causes.map { "\($0["field"]?.string ?? "-"): \($0["message"]?.string ?? "-")" }
    }
}

func post(_ path: String, _ body: String) throws -> Answer {
    try post(path, ByteBuffer(string: body))
}

private let responder = {
    var logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    logger.logLevel = .critical
    return WebhookResponder(logger: logger)
}()

func post(_ path: String, _ body: ByteBuffer) throws -> Answer {
    let response = responder.respond(to: HTTPRequest(method: .POST, path: path, body: body))
    return Answer(code: response.status.code, json: try JSONDocument(parsing: response.body).root, text: String(buffer: response.body))
}

/// An AdmissionReview as kube-apiserver 1.20 and later write it.
func admissionReview(
    _ operation: String, object: String = "null", oldObject: String = "null", version: String = "v1", requestVersion: String? = nil,
    kind: String = "DBMMOMySQL", group: String = "cache.my.domain", subResource: String? = nil, reviewVersion: String = "v1"
) -> String {
    let words = requestVersion ?? version
    let sub = subResource.map { #""subResource":"\#($0)","# } ?? ""
    return """
        {"kind":"AdmissionReview","apiVersion":"admission.k8s.io/\(reviewVersion)","request":{"uid":"u-1",
         "kind":{"group":"\(group)","version":"\(version)","kind":"\(kind)"},
         "resource":{"group":"\(group)","version":"\(version)","resource":"dbmmomysqls"},\(sub)
         "requestKind":{"group":"\(group)","version":"\(words)","kind":"\(kind)"},
         "name":"orders","namespace":"shop","operation":"\(operation)","userInfo":{"username":"admin"},
         "object":\(object),"oldObject":\(oldObject),"dryRun":false,"options":null}}
        """
}

func objectText(_ spec: String, version: String = "v1", status: String = "{}", metadata: String = "") -> String {
    #"{"apiVersion":"cache.my.domain/\#(version)","kind":"DBMMOMySQL","metadata":{"name":"orders","namespace":"shop"\#(metadata)},"#
        + #""spec":\#(spec),"status":\#(status)}"#
}

/// `status body` of what the operations listener answers when its checks have these faults.
func operations(_ faults: [String?], _ path: String, query: String? = nil) -> String {
    let checks = faults.enumerated().map { index, fault in OperationsResponder.Check(name: "check\(index)") { fault } }
    let response = OperationsResponder(checks: checks).respond(to: HTTPRequest(method: .GET, path: path, query: query))
    return "\(response.status.code) \(String(buffer: response.body))"
}
