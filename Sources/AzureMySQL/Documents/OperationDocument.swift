import HTTPCalls
import JSON
import NIOHTTP1

/// When to look at an operation again.
struct OperationPause: Sendable {
    private static let usual = Duration.seconds(15)
    private static let longest = Duration.seconds(60)

    let least: Duration

    func callAsFunction(_ headers: HTTPHeaders) -> Duration {
        min(max(headers.retryAfter ?? Self.usual, least), Self.longest)
    }
}

/// What the answer to a look at an operation says.
enum OperationDocument {
    case running
    /// A `Location` has moved.
    case moved(String)
    case ended
    case failed(ErrorDocument.Cause)
    /// Whoever answered says nothing of the operation.
    case unknown

    init(_ answer: HTTPAnswer, _ kind: AzureOperation.Kind, _ redaction: Redaction) {
        let root = try? JSONDocument(parsing: answer.body).root
        let status = root?["status"]?.string?.lowercased()
        switch answer.status {
        case 200...299:
            switch (status, answer.status) {
            case ("succeeded", _): self = .ended
            case ("failed", _), ("canceled", _), ("cancelled", _):
                let unsaid = ErrorDocument.Cause(code: status == "failed" ? "Failed" : "Canceled", message: "Azure gave no reason")
                self = .failed(root.flatMap { ErrorDocument($0, redaction)?.cause } ?? unsaid)
            case (.some, _) where kind == .status: self = .running
            case (_, 202): self = answer.headers.first(name: "Location").map { kind == .location ? .moved($0) : .running } ?? .running
            // A resource, or nothing: the operation is over.
            default: self = .ended
            }
        // Azure forgets operations after a while.
        case 404, 410: self = .ended
        // Here the answer is that of the write itself; these are about the look.
        case 400...499 where kind == .location && ![401, 403, 408, 429].contains(answer.status):
            self = .failed(ErrorDocument(answer, redaction).cause)
        default: self = .unknown
        }
    }
}

extension AzureOperation {
    /// What the headers of an accepted write promise; the URL is not checked yet.
    init?(_ answer: HTTPAnswer, _ pause: OperationPause) {
        guard [200, 201, 202].contains(answer.status) else { return nil }
        if let url = answer.headers.first(name: "Azure-AsyncOperation") {
            self.init(kind: .status, url: url, pause: pause(answer.headers))
        } else if let url = answer.headers.first(name: "Location") {
            self.init(kind: .location, url: url, pause: pause(answer.headers))
        } else {
            return nil
        }
    }
}
