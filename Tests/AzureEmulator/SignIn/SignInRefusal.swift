import JSON

/// Why nobody is signed in: an error of RFC 6749 (section 5.2), and Entra's number for it.
struct SignInRefusal: Error, Sendable {
    let status: Int
    let error: String
    let number: Int64
    let message: String
    /// What is wrong with the client, when no well-behaved one would have sent this.
    var complaint: String?

    init(_ status: Int, _ error: String, _ number: Int64, _ message: String, complaint: String? = nil) {
        self.status = status
        self.error = error
        self.number = number
        self.message = message
        self.complaint = complaint
    }

    /// - Parameter id: Of the request.
    func answer(id: String, time: String) -> Answer {
        .ok(
            [
                "error": .string(error),
                "error_description": "AADSTS\(number): \(message) Trace ID: \(id) Correlation ID: \(id) Timestamp: \(time)",
                "error_codes": [.integer(number)], "timestamp": .string(time), "trace_id": .string(id), "correlation_id": .string(id)
            ], status: status)
    }

    /// A parameter is missing or used wrongly.
    static func malformed(_ message: String) -> SignInRefusal {
        SignInRefusal(400, "invalid_request", 900_144, message, complaint: message)
    }
}
