import HTTPCalls
import JSON
import NIOCore

/// An answer of an authority to the question for a token (RFC 6749, sections 5.1 and 5.2).
enum TokenDocument {
    case token(AccessToken, refreshToken: Secret?)
    case failure(OAuthFailure)

    /// RFC 6749 does not have the authority say how long a token counts.
    private static let usualLife = Int64(300)
    private static let longestLife = Int64(7 * 24 * 60 * 60)

    init(_ answer: HTTPAnswer, _ redaction: Redaction) throws(MalformedDocument) {
        guard answer.status == 200 else {
            self = .failure(OAuthFailure(answer, redaction))
            return
        }
        let fields = try Fields(try answer.json(), "the token answer")
        let token = try fields.required("access_token")
        guard token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw MalformedDocument(text: "a token that no header can hold")
        }
        guard try fields.text("token_type").map({ $0.lowercased() == "bearer" }) ?? true else {
            throw MalformedDocument(text: "a token that is no bearer token")
        }
        let seconds = try fields.seconds("expires_in") ?? Self.usualLife
        guard seconds > 0 else { throw MalformedDocument(text: "a token that has expired") }
        self = .token(
            AccessToken(value: Secret(token), life: .seconds(min(seconds, Self.longestLife))),
            refreshToken: try fields.text("refresh_token").flatMap { $0.isEmpty ? nil : Secret($0) })
    }
}

/// What an authority says of a failure (RFC 6749, section 5.2).
struct OAuthFailure {
    let code: String
    let message: String

    init(_ answer: HTTPAnswer, _ redaction: Redaction) {
        let root = try? answer.json()
        guard let code = root?["error"]?.string, !code.isEmpty else {
            let cause = ErrorDocument(answer, redaction).cause
            (self.code, message) = (cause.code, cause.message)
            return
        }
        self.code = redaction.code(code)
        message = redaction.message(Self.firstLine(root?["error_description"]?.string ?? ""))
    }

    /// The lines behind the first hold trace ids and the time, which would make every failure another one.
    private static func firstLine(_ text: String) -> String {
        var line = text.prefix { !$0.isNewline }
        for mark in [" Trace ID:", " Correlation ID:", " Timestamp:"] {
            if let place = line.firstRange(of: mark) { line = line[..<place.lowerBound] }
        }
        return String(line)
    }
}

extension DeviceCode {
    /// RFC 8628, section 3.2.
    private static let usualInterval = Int64(5)
    private static let longestInterval = Int64(60)
    private static let longestLife = Int64(24 * 60 * 60)

    init(_ answer: HTTPAnswer, leastInterval: Duration, _ redaction: Redaction) throws(MalformedDocument) {
        let fields = try Fields(try answer.json(), "the device code answer")
        let seconds = min(max(try fields.seconds("interval") ?? Self.usualInterval, 0), Self.longestInterval)
        let life = min(try fields.seconds("expires_in") ?? 0, Self.longestLife)
        guard life > 0 else { throw MalformedDocument(text: "a device code that has expired") }
        // The name of RFC 8628, and the one before it.
        let (url, oldURL) = (try fields.text("verification_uri"), try fields.text("verification_url"))
        guard let url = url ?? oldURL, !url.isEmpty else { throw MalformedDocument(text: "a device code answer without a URL") }
        self.init(
            deviceCode: Secret(try fields.required("device_code")), userCode: redaction.code(try fields.required("user_code")),
            url: redaction.message(url), interval: max(.seconds(seconds), leastInterval), life: .seconds(life))
    }
}

extension HTTPAnswer {
    func json() throws(MalformedDocument) -> JSONValue {
        do throws(JSONParseError) {
            return try JSONDocument(parsing: body).root
        } catch {
            throw MalformedDocument(text: "\(error)")
        }
    }
}
