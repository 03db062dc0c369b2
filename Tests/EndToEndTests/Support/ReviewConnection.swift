import Glibc
import NIOCore
import TestSupport

/// A client as an API server is one: HTTP/1.1 over TLS, kept alive, one review after the other.
struct ReviewConnection {
    struct Answer {
        var status: Int
        var fields: [String: String]
        var body: [UInt8]

        var closes: Bool { fields["connection"] == "close" }
    }

    enum Exchange {
        case answered(Answer)
        /// The connection ended before the first byte of an answer.
        case unanswered
        /// The connection ended within an answer.
        case cutShort
    }

    private let tls: TLSClient
    private var input: [UInt8] = []

    init(port: UInt16) throws {
        tls = try TLSClient.connected(port: port, alpn: ["http/1.1"])
    }

    init(_ tls: TLSClient) {
        self.tls = tls
    }

    static func request(_ path: String, _ body: some Collection<UInt8>) -> [UInt8] {
        let head = "POST \(path) HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: \(body.count)\r\n\r\n"
        return Array(head.utf8) + body
    }

    /// A request with a review of an update, recorded from an API server.
    static func recordedReview() throws -> [UInt8] {
        request("/validate", try RecordedReviews.body("02-label").readableBytesView)
    }

    mutating func exchange(_ request: [UInt8]) throws -> Exchange {
        do {
            try tls.send(request)
        } catch TLSClient.Failure.closed {
            // There may be an answer all the same.
        }
        return try receive()
    }

    /// The status code of the answer, nil without one.
    mutating func status(of request: [UInt8]) throws -> Int? {
        guard case .answered(let answer) = try exchange(request) else { return nil }
        return answer.status
    }

    mutating func receive() throws -> Exchange {
        while true {
            if let answer = takeAnswer() { return .answered(answer) }
            switch try tls.receive() {
            case .bytes(let bytes): input += bytes
            case .closeNotify, .cut: return input.isEmpty ? .unanswered : .cutShort
            }
        }
    }

    /// The end of the connection, or bytes that nobody asked for.
    func receiveEnd() throws -> TLSClient.ReceiveResult {
        input.isEmpty ? try tls.receive() : .bytes(input)
    }

    /// See ``TLSClient/hasInput``.
    var hasInput: Bool { !input.isEmpty || tls.hasInput }

    private mutating func takeAnswer() -> Answer? {
        guard let headEnd = input.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: input[..<headEnd.lowerBound], as: UTF8.self).split(separator: "\r\n")
        var fields: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            fields[line[..<colon].lowercased()] = String(line[line.index(after: colon)...].drop { $0 == " " }).lowercased()
        }
        let bodyStart = headEnd.upperBound
        let length = fields["content-length"].flatMap { Int($0) } ?? 0
        guard input.count >= bodyStart + length else { return nil }
        let status = lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        let answer = Answer(status: status, fields: fields, body: Array(input[bodyStart..<(bodyStart + length)]))
        input.removeFirst(bodyStart + length)
        return answer
    }
}
