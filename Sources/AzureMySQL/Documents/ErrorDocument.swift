import HTTPCalls
import JSON
import NIOCore

/// What Azure says of a failure: `{"error": {"code", "message", "details": […]}}`, or without `error` around it.
///
/// https://github.com/microsoft/api-guidelines/blob/vNext/azure/Guidelines.md#handling-errors
struct ErrorDocument: Sendable, Equatable {
    /// Deeper is not looked.
    private static let depthLimit = 8

    /// Of the failure as a whole.
    let code: String
    /// Of what it comes from, as far as that is told.
    let cause: Cause

    struct Cause: Sendable, Equatable {
        let code: String
        let message: String
    }

    /// - Returns: Nil when the value tells of no failure.
    init?(_ value: JSONValue, _ redaction: Redaction) {
        let error = value["error"].flatMap { $0.kind == .object ? $0 : nil } ?? value
        guard let code = Self.text(error["code"]) else { return nil }
        var cause = Cause(code: redaction.code(code), message: redaction.message(Self.text(error["message"]) ?? ""))
        var details = error["details"]
        for _ in 0..<Self.depthLimit {
            // Of several the first; the others are mostly the same again.
            let next = details?.elements.first { Self.text($0["code"]) != nil && Self.text($0["message"]) != nil }
            guard let next, let code = Self.text(next["code"]), let message = Self.text(next["message"]) else { break }
            cause = Cause(code: redaction.code(code), message: redaction.message(message))
            details = next["details"]
        }
        self.code = redaction.code(code)
        self.cause = cause
    }

    /// Of an answer with a failure. Proxies answer with other texts, and so does whatever else the author of an object has us ask: those are not
    /// told on.
    init(_ answer: HTTPAnswer, _ redaction: Redaction) {
        if let root = try? JSONDocument(parsing: answer.body).root, let document = ErrorDocument(root, redaction) {
            self = document
            return
        }
        code = "HTTP\(answer.status)"
        cause = Cause(code: code, message: "an answer that is not Azure's")
    }

    private static func text(_ value: JSONValue?) -> String? {
        guard let text = value?.string, !text.isEmpty else { return nil }
        return text
    }
}
