import JSON
import NIOCore
import NIOHTTP1
import NIOPosix

/// Takes connections, and answers their calls one after the other.
final class EmulatorListener: Sendable {
    /// - Returns: Nil to drop the connection.
    typealias Responder = @Sendable (Call) async -> Answer?

    private typealias Connection = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>

    let port: Int
    private let task: Task<Void, Never>

    /// - Parameter port: 0 for any that is free.
    static func start(port: Int, _ responder: @escaping Responder) async throws -> EmulatorListener {
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .bind(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    return try Connection(wrappingChannelSynchronously: channel)
                }
            }
        let task = Task<Void, Never> {
            // Cancellation and connections that break are how this ends.
            try? await listener.executeThenClose { connections in
                try await withThrowingDiscardingTaskGroup { group in
                    for try await connection in connections {
                        group.addTask { try? await serve(connection, responder) }
                    }
                }
            }
        }
        return EmulatorListener(port: listener.channel.localAddress?.port ?? 0, task)
    }

    private init(port: Int, _ task: Task<Void, Never>) {
        self.port = port
        self.task = task
    }

    func stop() async {
        task.cancel()
        await task.value
    }

    private static func serve(_ connection: Connection, _ responder: Responder) async throws {
        try await connection.executeThenClose { parts, writer in
            var head: HTTPRequestHead?
            var body = ByteBuffer()
            for try await part in parts {
                switch part {
                case .head(let next):
                    head = next
                    body = ByteBuffer()
                case .body(var bytes): body.writeBuffer(&bytes)
                case .end:
                    guard let request = head, let answer = await responder(Call(request, body: body)) else { return }
                    try await write(answer, to: request, writer)
                    guard request.isKeepAlive else { return }
                }
            }
        }
    }

    private static func write(
        _ answer: Answer, to request: HTTPRequestHead, _ writer: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>
    ) async throws {
        var headers = answer.headers
        let text = answer.body?.text ?? ""
        if answer.body != nil { headers.add(name: "Content-Type", value: "application/json; charset=utf-8") }
        if answer.status != 204 { headers.add(name: "Content-Length", value: "\(text.utf8.count)") }
        let head = HTTPResponseHead(version: request.version, status: HTTPResponseStatus(statusCode: answer.status), headers: headers)
        try await writer.write(.head(head))
        if !text.isEmpty { try await writer.write(.body(.byteBuffer(ByteBuffer(string: text)))) }
        try await writer.write(.end(nil))
    }
}
