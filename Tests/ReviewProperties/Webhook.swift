import HTTPServer
import JSON
import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import PrometheusMetrics
import Webhooks

/// The webhooks under test, with everything that they log.
struct Webhook {
    struct Answer {
        let code: UInt
        let json: JSONValue
        let text: String

        var response: JSONValue? { json["response"] }
    }

    /// Made once: a fuzzer makes thousands of webhooks in a second.
    private static let metrics = WebhookMetrics(PrometheusRegistry())

    private let log = RecordedLog()
    private let responder: WebhookResponder

    init() {
        var logger = Logger(label: "webhooks", factory: { [log] _ in log })
        logger.logLevel = .trace
        responder = WebhookResponder(logger: logger, metrics: Self.metrics)
    }

    /// What was logged so far.
    var logged: String { log.text }

    /// Every answer is JSON, and a Status where the body could not be answered.
    func post(_ path: String, _ body: ByteBuffer) throws(BrokenProperty) -> Answer {
        let response = responder.respond(to: HTTPRequest(method: .POST, path: path, body: body))
        let text = String(buffer: response.body)
        let json: JSONValue
        do {
            json = try JSONDocument(parsing: response.body, maximumDepth: 10_000).root
        } catch {
            throw BrokenProperty(description: "\(path) answers what is no JSON, \(error): \(text)")
        }
        let code = response.status.code
        switch code {
        case 200: try demand(json["response"]?["uid"]?.string?.isEmpty == false, "\(path) answers without uid: \(text)")
        case 400: try demand(json["kind"]?.string == "Status" && json["code"]?.integer == 400, "\(path) answers without Status: \(text)")
        default: throw BrokenProperty(description: "\(path) answers \(code): \(text)")
        }
        return Answer(code: code, json: json, text: text)
    }
}

/// Keeps what is logged.
private struct RecordedLog: LogHandler {
    private let lines = NIOLockedValueBox("")
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    var text: String { lines.withLockedValue { $0 } }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        lines.withLockedValue { $0 += "\(event.message) \(event.metadata ?? [:])\n" }
    }
}
