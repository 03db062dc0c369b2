public import AsyncHTTPClient
public import NIOCore
public import NIOHTTP1

/// A whole answer.
public struct HTTPAnswer: Sendable {
    public let status: Int
    public let headers: HTTPHeaders
    public let body: ByteBuffer

    public init(status: Int, headers: HTTPHeaders, body: ByteBuffer) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// When the server wants to be asked again.
    public var retryAfter: Duration? { headers.retryAfter }
}

extension HTTPHeaders {
    public var retryAfter: Duration? { first(name: "Retry-After").flatMap { RetryAfter.pause($0) } }
}

/// Why there is no whole answer.
public enum HTTPCallFailure: Error, Equatable {
    case timeout
    case cancelled
    case transport(String)

    /// What an error means that was thrown in the task that made the call.
    public init(_ error: any Error) {
        // What is thrown when a task ends says little of it.
        if Task.isCancelled {
            self = .cancelled
            return
        }
        switch error {
        case is DeadlineExceeded: self = .timeout
        case let error as HTTPCallFailure: self = error
        // In full it would show header fields.
        case let error as HTTPClientError: self = .transport(error.shortDescription)
        default: self = .transport("\(error)")
        }
    }
}

extension HTTPClient {
    /// Sends a request once.
    ///
    /// - Parameters:
    ///   - deadline: For all of it, the answer's body included.
    ///   - limit: More is not read of the answer, in bytes.
    public func answer(
        to request: HTTPClientRequest, until deadline: ContinuousClock.Instant, limit: Int
    ) async throws(HTTPCallFailure) -> HTTPAnswer {
        do {
            return try await withDeadline(deadline) {
                // The deadline of the client itself would cover the head only.
                let response = try await self.execute(request, deadline: .distantFuture)
                return HTTPAnswer(
                    status: Int(response.status.code), headers: response.headers, body: try await response.body.collect(upTo: limit))
            }
        } catch {
            throw HTTPCallFailure(error)
        }
    }
}
