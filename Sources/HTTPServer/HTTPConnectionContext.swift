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

    /// A new connection's part of the memory for bodies.
    func makeBodyAllowance() -> BodyAllowance {
        BodyAllowance(bodyMemory, unshared: limits.unsharedBodySize)
    }
}
