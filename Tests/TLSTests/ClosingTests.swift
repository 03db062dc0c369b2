import COpenSSL
import Glibc
import NIOCore
import NIOEmbedded
import TLS
import Testing

@Suite("the end of a connection")
struct ClosingTests {
    @Test("closing sends what was written and close_notify, and waits for the peer's")
    func close() throws {
        let pair = try TLSPair.connected()
        let written = pair.channel.write(ByteBuffer(string: "last words"))
        let closed = pair.channel.close()
        #expect(pair.channel.isActive, "the peer has not answered yet")
        try written.wait()

        try pair.exchange()
        #expect(try pair.client.read() == .bytes(Array("last words".utf8)))
        #expect(try pair.client.read() == .closed)
        pair.client.sendCloseNotify()
        try pair.exchange()
        try closed.wait()
        #expect(!pair.channel.isActive)
        #expect(pair.recorder.observations == [.active, .handshakeCompleted(nil), .shutdownCompleted, .inactive])
    }

    @Test("a peer that never answers close_notify is waited for only so long")
    func boundedWait() throws {
        let pair = try TLSPair.connected(closeTimeout: .seconds(2))
        let closed = pair.channel.close()
        pair.channel.embeddedEventLoop.advanceTime(by: .milliseconds(1999))
        #expect(pair.channel.isActive)
        pair.channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
        try closed.wait()
        #expect(pair.recorder.observations == [.active, .handshakeCompleted(nil), .inactive])
    }

    @Test("a second request to close does not wait for the peer, which may never answer")
    func closeNow() throws {
        let pair = try TLSPair.connected()
        let first = pair.channel.close(mode: .output)
        #expect(pair.channel.isActive)
        let second = pair.channel.close()
        try #require(!pair.channel.isActive)
        try first.wait()
        try second.wait()
    }

    @Test("the peer's end of stream after our close_notify is no error")
    func endOfStreamWhileClosing() throws {
        let pair = try TLSPair.connected()
        let closed = pair.channel.close()
        pair.channel.pipeline.fireChannelInactive()
        try closed.wait()
        #expect(pair.recorder.observations == [.active, .handshakeCompleted(nil), .inactive])
    }

    @Test("a reset by the peer matters to an established connection, not to one that is closing")
    func reset() throws {
        let pair = try TLSPair.connected()
        pair.channel.pipeline.fireErrorCaught(IOError(errnoCode: ECONNRESET, reason: "read"))
        #expect(pair.recorder.observations.last == .otherError)

        let closing = try TLSPair.connected()
        let closed = closing.channel.close()
        closing.channel.pipeline.fireErrorCaught(IOError(errnoCode: ECONNRESET, reason: "read"))
        closing.channel.pipeline.fireChannelInactive()
        try closed.wait()
        #expect(closing.recorder.observations == [.active, .handshakeCompleted(nil), .inactive])
    }

    @Test("all who ask to close are answered")
    func closeTwice() throws {
        let pair = try TLSPair.connected()
        let first = pair.channel.close()
        let second = pair.channel.close()
        pair.client.sendCloseNotify()
        try pair.exchange()
        try first.wait()
        try second.wait()
    }

    @Test("closing within the handshake closes at once")
    func closeWithinTheHandshake() throws {
        let pair = try TLSPair()
        let written = pair.channel.writeAndFlush(ByteBuffer(string: "never sent"))
        try pair.channel.close().wait()
        #expect(throws: ChannelError.self) { try written.wait() }
        #expect(pair.recorder.observations == [.active, .inactive])
    }

    @Test("closing the input alone is not supported, and says so")
    func closeInput() throws {
        let pair = try TLSPair.connected()
        #expect(throws: ChannelError.operationUnsupported) { try pair.channel.close(mode: .input).wait() }
        #expect(pair.channel.isActive)
    }

    @Test("closing the output says close_notify, and ends when the peer has said it too")
    func closeOutput() throws {
        let pair = try TLSPair.connected()
        let closed = pair.channel.close(mode: .output)
        try pair.exchange()
        #expect(pair.channel.isActive)
        pair.client.sendCloseNotify()
        try pair.exchange()
        try closed.wait()
        #expect(!pair.channel.isActive)
    }

    @Test(
        "the peer's close_notify is answered and closes the connection; data before it is delivered",
        arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
    func peerCloses(version: CInt) throws {
        let pair = try TLSPair.connected(version: version)
        try pair.client.write(Array("bye".utf8))
        pair.client.sendCloseNotify()
        try pair.exchange()
        #expect(
            pair.recorder.observations == [
                .active, .handshakeCompleted(nil), .bytes(Array("bye".utf8)), .shutdownCompleted, .inactive
            ])
        #expect(try pair.client.read() == .closed)
    }

    @Test("an end of stream without close_notify is an error, then the channel is inactive")
    func truncated() throws {
        let pair = try TLSPair.connected()
        let written = pair.channel.write(ByteBuffer(string: "not flushed"))
        pair.channel.pipeline.fireChannelInactive()
        #expect(pair.recorder.observations == [.active, .handshakeCompleted(nil), .error(.truncated), .inactive])
        let error = #expect(throws: TLSError.self) { try written.wait() }
        #expect(error?.code == .truncated)
    }

    @Test("the end of only the peer's stream counts as the end")
    func inputClosed() throws {
        let pair = try TLSPair.connected()
        pair.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(pair.recorder.observations == [.active, .handshakeCompleted(nil), .error(.truncated), .inactive])
        #expect(!pair.channel.isActive)
    }

    @Test("a forged record ends the connection with an alert and an error")
    func forgedRecord() throws {
        let pair = try TLSPair.connected()
        try pair.client.write(Array("ping".utf8))
        var record = pair.client.takeOutput()
        record[record.count - 1] ^= 1
        let written = pair.channel.write(ByteBuffer(string: "not flushed"))
        try pair.send(record)
        pair.client.receive(try pair.received())
        let failure = #expect(throws: TestClient.Failure.self) { try pair.client.read() }
        #expect(failure?.description.contains("alert bad record mac") == true)
        #expect(pair.recorder.observations == [.active, .handshakeCompleted(nil), .error(.protocolViolation), .inactive])
        #expect(throws: TLSError.self) { try written.wait() }
    }

    @Test("writes after the close fail")
    func writeAfterClose() throws {
        let pair = try TLSPair.connected()
        pair.channel.close(promise: nil)
        #expect(throws: ChannelError.ioOnClosedChannel) { try pair.channel.writeAndFlush(ByteBuffer(string: "late")).wait() }
    }

    @Test("an application that closes, writes or flushes within a call-out breaks nothing")
    func reentrancy() throws {
        let pair = try TLSPair(client: TestClient(version: TLS1_3_VERSION))
        pair.recorder.reaction = { observation, context in
            switch observation {
            case .handshakeCompleted:
                context.writeAndFlush(NIOAny(ByteBuffer(string: "welcome")), promise: nil)
            case .bytes:
                context.write(NIOAny(ByteBuffer(string: "answer")), promise: nil)
                context.close(promise: nil)
            case .error, .otherError, .shutdownCompleted, .inactive:
                context.close(promise: nil)
                context.flush()
            case .active:
                context.flush()
            }
        }
        try pair.handshake()
        try pair.client.write(Array("one".utf8))
        pair.client.sendCloseNotify()
        try pair.exchange()
        #expect(try pair.client.read() == .bytes(Array("welcomeanswer".utf8)))
        #expect(
            pair.recorder.observations == [
                .active, .handshakeCompleted(nil), .bytes(Array("one".utf8)), .shutdownCompleted, .inactive
            ])
    }

    @Test("an application that closes on an error gets no second error")
    func closeOnError() throws {
        let pair = try TLSPair()
        pair.recorder.reaction = { observation, context in
            if case .error = observation { context.close(promise: nil) }
        }
        try pair.send(Array("not TLS at all".utf8))
        #expect(pair.recorder.observations == [.active, .error(.handshakeFailed), .inactive])
    }
}
