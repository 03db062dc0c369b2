import Glibc
import HTTPServer
import NIOCore
import NIOPosix
import Testing

/// A client that sends the bytes it is told to and reads answers one by one.
struct RawClient {
    struct Response: Equatable {
        var status: Int
        var fields: [String: String]
        var body: String
    }

    /// The connection ended where more was expected.
    struct Ended: Error {}

    private let channel: any Channel
    private var input: AsyncThrowingStream<ByteBuffer, any Error>.Iterator
    private var received = ""

    /// - Parameter host: Nil for the address that the server names.
    init(_ server: HTTPServer, host: String? = nil, readsAutomatically: Bool = true) async throws {
        let (stream, continuation) = AsyncThrowingStream<ByteBuffer, any Error>.makeStream()
        self.channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.autoRead, value: readsAutomatically)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Receiver(continuation)) }
            }
            .connect(host: host ?? server.localAddress.host, port: Int(server.localAddress.port)).get()
        self.input = stream.makeAsyncIterator()
    }

    /// The sending half, for a task of its own.
    struct Sender: Sendable {
        fileprivate let channel: any Channel

        /// Sends without regard to whether the server still listens.
        func trySend(_ text: String) async {
            try? await channel.writeAndFlush(ByteBuffer(string: text))
        }
    }

    var sender: Sender { Sender(channel: channel) }

    func send(_ text: String) async throws {
        try await channel.writeAndFlush(ByteBuffer(string: text))
    }

    func trySend(_ text: String) async {
        await sender.trySend(text)
    }

    /// Begins to read, for a client that does not do so from the start.
    func startReading() async throws {
        try await channel.setOption(.autoRead, value: true).get()
    }

    func endOutput() async throws {
        try await channel.close(mode: .output)
    }

    func close() async {
        try? await channel.close()
    }

    /// Ends the connection with a reset, which the server sees even when it does not read.
    func reset() async {
        try? await (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        await close()
    }

    /// Waits for the first bytes of an answer.
    mutating func begin() async throws {
        if received.isEmpty { try await more() }
    }

    /// The next answer, without a body when `isHead`.
    mutating func response(isHead: Bool = false) async throws -> Response {
        while !received.utf8.contains(sequence: "\r\n\r\n") { try await more() }
        var lines = received.components(before: "\r\n\r\n").split(separator: "\r\n", omittingEmptySubsequences: false)
        let headSize = lines.reduce(0) { $0 + $1.utf8.count + 2 } + 2
        let statusLine = lines.removeFirst().split(separator: " ")
        let status = try #require(statusLine.count > 1 ? Int(statusLine[1]) : nil)
        var fields: [String: String] = [:]
        for line in lines {
            let colon = try #require(line.firstIndex(of: ":"))
            fields[line[..<colon].lowercased()] = String(line[line.index(colon, offsetBy: 2)...])
        }
        received = String(decoding: received.utf8.dropFirst(headSize), as: UTF8.self)
        let length = isHead ? 0 : fields["content-length"].flatMap { Int($0) } ?? 0
        while received.utf8.count < length { try await more() }
        let body = String(decoding: received.utf8.prefix(length), as: UTF8.self)
        received = String(decoding: received.utf8.dropFirst(length), as: UTF8.self)
        return Response(status: status, fields: fields, body: body)
    }

    /// Reads to the end of the stream; what came is returned. A connection reset throws.
    mutating func remainder() async throws -> String {
        while let bytes = try await input.next() { received += String(buffer: bytes) }
        defer { received = "" }
        return received
    }

    private mutating func more() async throws {
        guard let bytes = try await input.next() else { throw Ended() }
        received += String(buffer: bytes)
    }
}

/// Hands what it reads to a task.
final class Receiver: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let continuation: AsyncThrowingStream<ByteBuffer, any Error>.Continuation

    init(_ continuation: AsyncThrowingStream<ByteBuffer, any Error>.Continuation) {
        self.continuation = continuation
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        continuation.yield(unwrapInboundIn(data))
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event { continuation.finish() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        continuation.finish()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        continuation.finish(throwing: error)
        context.close(promise: nil)
    }
}

extension String.UTF8View {
    fileprivate func contains(sequence: String) -> Bool {
        String(self).contains(sequence)
    }
}

extension String {
    fileprivate func components(before separator: String) -> String {
        guard let range = firstRange(of: separator) else { return self }
        return String(self[..<range.lowerBound])
    }
}
