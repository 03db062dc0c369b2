import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// An HTTP/1.1 server that answers as a test says, faults included.
public final class ScriptedServer: Sendable {
    public struct Request: Sendable {
        public let method: String
        /// With the query.
        public let target: String
        /// By names in lower case.
        public let headers: [String: String]
        public let body: String
        /// Counted from 1 over all connections.
        public let number: Int

        /// The value of a parameter of the query, as it is spelt.
        public func parameter(_ name: String) -> String? {
            let query = target.split(separator: "?", maxSplits: 1).dropFirst().first ?? ""
            return query.split(separator: "&").first { $0.hasPrefix("\(name)=") }.map { String($0.dropFirst(name.count + 1)) }
        }
    }

    public enum Step: Sendable {
        case send(String)
        case bytes([UInt8])
        case pause(Duration)
        /// Nothing more, and the connection stays open.
        case hang
        case close

        /// A whole answer.
        public static func answer(_ code: Int, _ body: String, headers: [String] = [], type: String = "application/json") -> Step {
            let head = ["HTTP/1.1 \(code) Any", "Content-Type: \(type)", "Content-Length: \(body.utf8.count)"] + headers
            return .send(head.joined(separator: "\r\n") + "\r\n\r\n" + body)
        }

        /// The head of an answer that ends with its connection.
        public static let streamHead = Step.send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n")
    }

    public typealias Handler = @Sendable (Request) async -> [Step]

    public let port: Int
    private let received: NIOLockedValueBox<[Request]>

    public var url: String { "http://127.0.0.1:\(port)" }
    public var requests: [Request] { received.withLockedValue { $0 } }

    /// Runs a server as long as the body.
    public static func with<Result: Sendable>(
        _ handler: @escaping Handler, _ body: @Sendable (ScriptedServer) async throws -> Result
    ) async throws -> Result {
        let received = NIOLockedValueBox<[Request]>([])
        let open = NIOLockedValueBox<[any Channel]>([])
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                open.withLockedValue { $0.append(channel) }
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ConnectionHandler(handler, received))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return try await withCleanup({
            try? await listener.close()
            for channel in open.withLockedValue({ $0 }) { try? await channel.close() }
        }) { try await body(ScriptedServer(port: listener.localAddress?.port ?? 0, received: received)) }
    }

    private init(port: Int, received: NIOLockedValueBox<[Request]>) {
        self.port = port
        self.received = received
    }
}

/// Reads requests of one connection, and answers one after the other.
private final class ConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let handler: ScriptedServer.Handler
    private let received: NIOLockedValueBox<[ScriptedServer.Request]>
    private var text = ""
    private var answering: Task<Void, Never>?

    init(_ handler: @escaping ScriptedServer.Handler, _ received: NIOLockedValueBox<[ScriptedServer.Request]>) {
        self.handler = handler
        self.received = received
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        text += String(buffer: unwrapInboundIn(data))
        while let request = takeRequest() {
            let (channel, handler, before) = (context.channel, handler, answering)
            answering = Task {
                await before?.value
                for step in await handler(request) where !Task.isCancelled {
                    switch step {
                    case .send(let text): try? await channel.writeAndFlush(ByteBuffer(string: text))
                    case .bytes(let bytes): try? await channel.writeAndFlush(ByteBuffer(bytes: bytes))
                    case .pause(let pause): try? await Task.sleep(for: pause)
                    case .close: try? await channel.close()
                    // Until the connection ends, which cancels this.
                    case .hang: while (try? await Task.sleep(for: .seconds(60))) != nil {}
                    }
                }
            }
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        answering?.cancel()
    }

    private func takeRequest() -> ScriptedServer.Request? {
        guard let end = text.firstRange(of: "\r\n\r\n") else { return nil }
        let lines = text[..<end.lowerBound].split(separator: "\r\n")
        let first = lines.first?.split(separator: " ") ?? []
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers[parts[0].lowercased()] = parts.count == 2 ? String(parts[1].drop { $0 == " " }) : ""
        }
        let body = text[end.upperBound...].utf8
        let length = headers["content-length"].flatMap { Int($0) } ?? 0
        guard body.count >= length, first.count == 3 else { return nil }
        let (target, content) = (String(first[1]), String(decoding: body.prefix(length), as: UTF8.self))
        text = String(decoding: body.dropFirst(length), as: UTF8.self)
        return received.withLockedValue { all in
            let request = ScriptedServer.Request(
                method: String(first[0]), target: target, headers: headers, body: content, number: all.count + 1)
            all.append(request)
            return request
        }
    }
}
