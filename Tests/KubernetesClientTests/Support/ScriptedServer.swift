import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// An HTTP/1.1 server that answers as a test says, faults included.
final class ScriptedServer: Sendable {
    struct Request: Sendable {
        let method: String
        /// With the query.
        let target: String
        /// By names in lower case.
        let headers: [String: String]
        let body: String
        /// Counted from 1 over all connections.
        let number: Int

        /// The value of a parameter of the query, as it is spelt.
        func parameter(_ name: String) -> String? {
            let query = target.split(separator: "?", maxSplits: 1).dropFirst().first ?? ""
            return query.split(separator: "&").first { $0.hasPrefix("\(name)=") }.map { String($0.dropFirst(name.count + 1)) }
        }
    }

    enum Step: Sendable {
        case send(String)
        case bytes([UInt8])
        case pause(Duration)
        /// Nothing more, and the connection stays open.
        case hang
        case close

        /// A whole answer.
        static func answer(_ code: Int, _ body: String, headers: [String] = [], type: String = "application/json") -> Step {
            let head = ["HTTP/1.1 \(code) Any", "Content-Type: \(type)", "Content-Length: \(body.utf8.count)"] + headers
            return .send(head.joined(separator: "\r\n") + "\r\n\r\n" + body)
        }

        /// The head of an answer that ends with its connection.
        static let streamHead = Step.send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n")
    }

    typealias Handler = @Sendable (Request) async -> [Step]

    let port: Int
    private let handler: Handler
    private let received = NIOLockedValueBox<[Request]>([])

    var url: String { "http://127.0.0.1:\(port)" }
    var requests: [Request] { received.withLockedValue { $0 } }

    /// Runs a server as long as the body.
    static func with<Result: Sendable>(
        _ handler: @escaping Handler, _ body: @Sendable (ScriptedServer) async throws -> Result
    ) async throws -> Result {
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        let server = ScriptedServer(port: channel.channel.localAddress?.port ?? 0, handler: handler)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try? await channel.executeThenClose { connections in
                    try? await withThrowingDiscardingTaskGroup { group in
                        for try await connection in connections {
                            group.addTask { await server.serve(connection) }
                        }
                    }
                }
            }
            let result = try await body(server)
            group.cancelAll()
            return result
        }
    }

    private init(port: Int, handler: @escaping Handler) {
        self.port = port
        self.handler = handler
    }

    private func serve(_ connection: NIOAsyncChannel<ByteBuffer, ByteBuffer>) async {
        try? await connection.executeThenClose { inbound, outbound in
            var parts = inbound.makeAsyncIterator()
            var text = ""
            while true {
                guard let request = try await Self.request(&parts, &text) else { return }
                let numbered = received.withLockedValue { all in
                    let numbered = Request(
                        method: request.method, target: request.target, headers: request.headers, body: request.body, number: all.count + 1)
                    all.append(numbered)
                    return numbered
                }
                for step in await handler(numbered) {
                    switch step {
                    case .send(let text): try await outbound.write(ByteBuffer(string: text))
                    case .bytes(let bytes): try await outbound.write(ByteBuffer(bytes: bytes))
                    case .pause(let pause): try await Task.sleep(for: pause)
                    case .close: return
                    case .hang: while try await parts.next() != nil {}
                    }
                }
            }
        }
    }

    private static func request(
        _ parts: inout NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator, _ text: inout String
    ) async throws -> Request? {
        while true {
            if let end = text.firstRange(of: "\r\n\r\n") {
                let lines = text[..<end.lowerBound].split(separator: "\r\n")
                let first = lines.first?.split(separator: " ") ?? []
                var headers: [String: String] = [:]
                for line in lines.dropFirst() {
                    let parts = line.split(separator: ":", maxSplits: 1)
                    headers[parts[0].lowercased()] = String(parts[1].drop { $0 == " " })
                }
                let body = text[end.upperBound...]
                let length = headers["content-length"].flatMap { Int($0) } ?? 0
                if body.utf8.count >= length, first.count == 3 {
                    let request = Request(
                        method: String(first[0]), target: String(first[1]), headers: headers, body: String(body.utf8.prefix(length)) ?? "",
                        number: 0)
                    text = String(body.utf8.dropFirst(length)) ?? ""
                    return request
                }
            }
            guard let part = try await parts.next() else { return nil }
            text += String(buffer: part)
        }
    }
}
