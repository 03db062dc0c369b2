import Logging
import NIOCore
import NIOPosix

/// What all connections of a server share.
struct HTTPConnectionContext: Sendable {
    var routes: RouteTable
    var limits: HTTPServerLimits
    var responder: any HTTPResponder
    var workers: NIOThreadPool
    var registry: ConnectionRegistry
    var bodyMemory: BodyMemory
    var onRefusal: (@Sendable (HTTPRefusal.Reason) -> Void)?
    var logger: Logger

    func isDraining() -> Bool { registry.isDraining }

    /// Tells of a refused request or connection.
    func noteRefusal(_ reason: HTTPRefusal.Reason) {
        onRefusal?(reason)
        logger.debug("request refused", metadata: ["reason": "\(reason)"])
    }

    /// The answer to a request with a large body, which a worker thread makes.
    struct WorkedAnswer: Sendable {
        var response: HTTPResponse
        var refusal: HTTPRefusal.Reason?
        /// To be held until the connection counts the answer.
        var memory: WorkMemory
    }

    func work(on request: HTTPRequest, for eventLoop: any EventLoop) -> EventLoopFuture<WorkedAnswer> {
        workers.runIfActive(eventLoop: eventLoop) { [responder, bodyMemory] in
            let memory = WorkMemory(bodyMemory)
            let response = responder.respond(to: request, memory: memory)
            guard memory.isExhausted else { return WorkedAnswer(response: response, refusal: nil, memory: memory) }
            return WorkedAnswer(response: responder.answer(to: .bodyMemory), refusal: HTTPRefusal.bodyMemory.reason, memory: memory)
        }
    }

    /// A new connection's part of the memory for bodies.
    func makeBodyAllowance() -> BodyAllowance {
        BodyAllowance(bodyMemory, unshared: limits.unsharedBodySize)
    }
}
