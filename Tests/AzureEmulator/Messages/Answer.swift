import JSON
import NIOCore
import NIOHTTP1

/// What is answered to a call.
struct Answer: Sendable {
    var status: Int
    var headers: HTTPHeaders = [:]
    var body: JSONTree?

    static func ok(_ body: JSONTree, status: Int = 200) -> Answer { Answer(status: status, body: body) }
    static func empty(_ status: Int) -> Answer { Answer(status: status) }
}

/// Why the Resource Manager refuses a call: `error` of its answer.
struct Refusal: Error, Sendable {
    let status: Int
    let code: String
    let message: String
    /// What is wrong with the client, when no well-behaved one would have sent this.
    var complaint: String?

    init(_ status: Int, _ code: String, _ message: String, complaint: String? = nil) {
        self.status = status
        self.code = code
        self.message = message
        self.complaint = complaint
    }

    var answer: Answer { .ok(["error": ["code": .string(code), "message": .string(message)]], status: status) }

    static func badValue(_ message: String) -> Refusal { Refusal(400, "InvalidParameterValue", message) }

    /// The body does not have the form that the API asks for, which no client would send.
    static func badBody(_ message: String) -> Refusal { Refusal(400, "InvalidRequestContent", message, complaint: message) }

    static func noResource(_ type: String, _ name: String, _ group: String) -> Refusal {
        Refusal(404, "ResourceNotFound", "The Resource '\(type)/\(name)' under resource group '\(group)' was not found.")
    }
}
