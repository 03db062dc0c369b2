import NIOCore
import NIOPosix
import TestSupport
import Testing

@testable import TLS

@Suite("a handshake with ourselves", .timeLimit(.minutes(1)))
struct HandshakeProbeTests {
    private func probe(_ port: Int, address: String = "127.0.0.1", timeout: Duration = .seconds(20), expecting: ServerCertificate) throws
        -> HandshakeProbe
    {
        try HandshakeProbe(address: address, port: port, timeout: timeout) { expecting.leaf }
    }

    @Test("succeeds with a server that presents the certificate in service, and ends in order", arguments: ["127.0.0.1", "0.0.0.0"])
    func success(address: String) async throws {
        let context = try TestCertificate.shared.context()
        try await LoopbackServer.run(context) { server in
            try await probe(server.port, address: address, expecting: context.certificate).run()
            try await poll("the server has seen the end") { server.endedConnections == 1 }
            #expect(server.errors.isEmpty)
        }
    }

    @Test("fails with another certificate, which it names")
    func otherCertificate() async throws {
        let expected = try IssuedCertificate.make("expected", .server)
        try await LoopbackServer.run(TestCertificate.shared.context()) { server in
            let error = await #expect(throws: HandshakeProbeError.self) { try await probe(server.port, expecting: expected).run() }
            #expect(error?.code == .otherCertificate)
            #expect(error?.description.contains("CN=localhost") == true)
        }
    }

    @Test("succeeds although it has no certificate that the server's client authorities would accept")
    func clientAuthorities() async throws {
        let authorities = try ClientAuthorities(pem: IssuedCertificate.make("client CA", .authority).certificatePEM())
        let context = try TestCertificate.shared.context(clientAuthorities: authorities)
        try await LoopbackServer.run(context) { server in
            for _ in 0..<20 {
                try await probe(server.port, expecting: context.certificate).run()
            }
            #expect(Set(server.errors.map(\.code)).isSubset(of: [.clientCertificateRefused]))
        }
    }

    @Test("tells that nobody listens")
    func refused() async throws {
        let certificate = try TestCertificate.shared.development().serverCertificate
        var port = 0
        try await LoopbackServer.run(TestCertificate.shared.context()) { port = $0.port }
        let error = await #expect(throws: HandshakeProbeError.self) { try await probe(port, expecting: certificate).run() }
        #expect(error?.code == .cannotConnect)
        #expect(error?.description.hasPrefix("cannot connect to 127.0.0.1:\(port): ") == true, "\(error?.description ?? "")")
    }

    @Test("tells that a listener hangs, within its time")
    func hanging() async throws {
        let certificate = try TestCertificate.shared.development().serverCertificate
        // The system completes the connection; nobody accepts it.
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.autoRead, value: false)
            .bind(host: "127.0.0.1", port: 0).get()
        let error = await #expect(throws: HandshakeProbeError.self) {
            try await probe(listener.localAddress?.port ?? 0, timeout: .milliseconds(100), expecting: certificate).run()
        }
        #expect(error == .timedOut)
        try await listener.close()
    }

    @Test(
        "tells that the server leaves, or that it does not speak TLS",
        arguments: [
            ("", HandshakeProbeError.Code.interrupted), ("SSH-2.0-nonsense\r\n", .handshakeFailed)
        ])
    func otherProtocols(greeting: String, code: HandshakeProbeError.Code) async throws {
        let certificate = try TestCertificate.shared.development().serverCertificate
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(GreetAndLeave(greeting)) }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let error = await #expect(throws: HandshakeProbeError.self) {
            try await probe(listener.localAddress?.port ?? 0, expecting: certificate).run()
        }
        #expect(error?.code == code)
        try await listener.close()
    }

    /// Waits for the client's first word, says its own and ends its output.
    private final class GreetAndLeave: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let greeting: String

        init(_ greeting: String) {
            self.greeting = greeting
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            context.writeAndFlush(NIOAny(ByteBuffer(string: greeting)), promise: nil)
            context.close(promise: nil)
        }
    }

    @Test("is given up when it is cancelled")
    func cancellation() async throws {
        let certificate = try TestCertificate.shared.development().serverCertificate
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.autoRead, value: false)
            .bind(host: "127.0.0.1", port: 0).get()
        let task = Task {
            try await probe(listener.localAddress?.port ?? 0, timeout: .seconds(50), expecting: certificate).run()
        }
        task.cancel()
        await #expect(throws: HandshakeProbeError.self) { try await task.value }
        try await listener.close()
    }
}
