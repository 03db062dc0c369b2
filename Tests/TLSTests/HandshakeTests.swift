import COpenSSL
import NIOCore
import NIOEmbedded
import TLS
import TestSupport
import Testing

@Suite("the handshake")
struct HandshakeTests {
    @Test("TLS 1.2 and 1.3 are spoken, and data flows both ways", arguments: [(TLS1_2_VERSION, "TLSv1.2"), (TLS1_3_VERSION, "TLSv1.3")])
    func versions(version: CInt, name: String) throws {
        let pair = try TLSPair.connected(version: version, alpn: ["http/1.1"])
        #expect(pair.client.negotiatedVersion == name)
        #expect(pair.recorder.observations == [.active, .handshakeCompleted("http/1.1")])

        try pair.client.write(Array("ping".utf8))
        try pair.exchange()
        #expect(pair.plaintext == Array("ping".utf8))

        try pair.channel.writeAndFlush(ByteBuffer(string: "pong")).wait()
        try pair.exchange()
        #expect(try pair.client.read() == .bytes(Array("pong".utf8)))
    }

    @Test("TLS 1.1 is refused, whatever the client's security level")
    func tls11() throws {
        let pair = try TLSPair(client: TestClient(version: TLS1_1_VERSION))
        let failure = #expect(throws: TestClient.Failure.self) { try pair.handshake() }
        #expect(failure?.description.contains("alert protocol version") == true)
        #expect(pair.recorder.observations == [.active, .error(.handshakeFailed), .inactive])
    }

    @Test("with TLS 1.3 as the minimum, 1.2 is refused and 1.3 is not")
    func minimumVersion() throws {
        let context = try TestCertificate.shared.context(minimumVersion: .tls13)
        let old = try TLSPair(context: context, client: TestClient(version: TLS1_2_VERSION))
        #expect(throws: TestClient.Failure.self) { try old.handshake() }
        let new = try TLSPair(context: context, client: TestClient(version: TLS1_3_VERSION))
        try new.handshake()
        #expect(new.client.negotiatedVersion == "TLSv1.3")
    }

    @Test("a client without ALPN is served and nothing is negotiated")
    func noALPN() throws {
        let pair = try TLSPair.connected()
        #expect(pair.recorder.observations == [.active, .handshakeCompleted(nil)])
    }

    @Test("the server's preference decides between the client's protocols")
    func serverPreference() throws {
        let pair = try TLSPair.connected(alpn: ["http/1.1", "h2"], serverALPN: ["h2", "http/1.1"])
        #expect(pair.recorder.observations == [.active, .handshakeCompleted("h2")])
    }

    @Test("a client whose protocols are all unknown gets the alert no_application_protocol")
    func noCommonProtocol() throws {
        let pair = try TLSPair(client: TestClient(alpn: ["smtp", "h2"]))
        let failure = #expect(throws: TestClient.Failure.self) { try pair.handshake() }
        #expect(failure?.description.contains("no application protocol") == true)
        #expect(pair.recorder.observations == [.active, .error(.handshakeFailed), .inactive])
    }

    @Test(
        "an ALPN name that does not fit the protocol is refused before any connection",
        arguments: ["", String(repeating: "x", count: 256)])
    func invalidALPN(name: String) throws {
        let error = #expect(throws: TLSError.self) { try TestCertificate.shared.context(alpn: [name]) }
        #expect(error?.code == .invalidConfiguration)
    }

    @Test("a handshake that arrives byte by byte completes")
    func byteByByte() throws {
        let pair = try TLSPair(client: TestClient(alpn: ["http/1.1"]))
        var isComplete = false
        for _ in 0..<4 {
            if !isComplete { isComplete = try pair.client.handshake() }
            for byte in pair.client.takeOutput() {
                try pair.send([byte])
            }
            pair.client.receive(try pair.received())
        }
        #expect(pair.recorder.observations == [.active, .handshakeCompleted("http/1.1")])
        try pair.client.write(Array("ping".utf8))
        for byte in pair.client.takeOutput() {
            try pair.send([byte])
        }
        #expect(pair.plaintext == Array("ping".utf8))
    }

    @Test("each flight of the server leaves in one write and one flush")
    func coalescing() throws {
        let pair = try TLSPair(client: TestClient(version: TLS1_3_VERSION))
        _ = try pair.client.handshake()
        try pair.exchange()
        #expect(pair.socket.writes == 1)
        #expect(pair.socket.flushes == 1)
    }

    @Test(
        "plain HTTP gets a readable 400 in plain text and the connection ends",
        arguments: ["GET /", "POST /validate", "CONNECT example.org:443"])
    func plainHTTP(requestLine: String) throws {
        let pair = try TLSPair()
        try pair.send(Array("\(requestLine) HTTP/1.1\r\n\r\n".utf8))
        let answer = String(decoding: try pair.received(), as: UTF8.self)
        #expect(answer.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
        #expect(answer.contains("\r\nConnection: close\r\n"))
        #expect(answer.contains("HTTPS"))
        #expect(pair.recorder.observations == [.active, .error(.plainHTTP), .inactive])
    }

    @Test("bytes that are not TLS end the connection with an error")
    func garbage() throws {
        let pair = try TLSPair()
        try pair.send(Array("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n".utf8))
        #expect(pair.recorder.observations == [.active, .error(.handshakeFailed), .inactive])
        #expect(!pair.channel.isActive)
    }

    @Test("a handshake that is not complete in time ends the connection")
    func deadline() throws {
        let pair = try TLSPair(handshakeTimeout: .seconds(3))
        _ = try pair.client.handshake()
        try pair.send(Array(pair.client.takeOutput().prefix(20)))
        pair.channel.embeddedEventLoop.advanceTime(by: .milliseconds(2999))
        #expect(pair.recorder.observations == [.active])
        pair.channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
        #expect(pair.recorder.observations == [.active, .error(.handshakeTimedOut), .inactive])
    }

    @Test("the deadline of the handshake does not touch an established connection")
    func deadlineAfterwards() throws {
        let pair = try TLSPair.connected()
        pair.channel.embeddedEventLoop.advanceTime(by: .hours(1))
        #expect(pair.recorder.observations == [.active, .handshakeCompleted(nil)])
        #expect(pair.channel.isActive)
    }

    @Test("an end of stream within the handshake is an error of its own")
    func endOfStream() throws {
        let pair = try TLSPair()
        _ = try pair.client.handshake()
        try pair.exchange()
        pair.channel.close(promise: nil)
        #expect(pair.recorder.observations == [.active, .inactive], "our own close is no error")

        let other = try TLSPair()
        _ = try other.client.handshake()
        try other.exchange()
        other.channel.pipeline.fireChannelInactive()
        #expect(other.recorder.observations == [.active, .error(.handshakeInterrupted), .inactive])
    }

    @Test("application data that follows the handshake in the same read is delivered after it")
    func dataBehindTheHandshake() throws {
        let pair = try TLSPair(client: TestClient(version: TLS1_3_VERSION))
        _ = try pair.client.handshake()
        try pair.exchange()
        #expect(try pair.client.handshake())
        try pair.client.write(Array("early bird".utf8))
        try pair.exchange()
        #expect(pair.recorder.observations == [.active, .handshakeCompleted(nil), .bytes(Array("early bird".utf8))])
    }

    @Test("what the application writes before the handshake is sent after it")
    func writeBeforeTheHandshake() throws {
        let pair = try TLSPair()
        let written = pair.channel.writeAndFlush(ByteBuffer(string: "hello"))
        #expect(try pair.received().isEmpty)
        try pair.handshake()
        #expect(try pair.client.read() == .bytes(Array("hello".utf8)))
        try written.wait()
    }
}
