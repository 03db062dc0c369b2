import COpenSSL
import NIOCore
import NIOEmbedded
import TLS
import Testing

@Suite("the flow of data")
struct FlowTests {
    private let mebibyte = (0..<1 << 20).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }

    @Test("1 MiB passes unchanged in each direction", arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
    func large(version: CInt) throws {
        let pair = try TLSPair.connected(version: version)
        try pair.client.write(mebibyte)
        try pair.exchange()
        #expect(pair.plaintext == mebibyte)

        try pair.channel.writeAndFlush(ByteBuffer(bytes: mebibyte)).wait()
        try pair.exchange()
        #expect(try pair.client.read() == .bytes(mebibyte))
    }

    @Test("a large write leaves in pieces, a small one in one piece with one flush")
    func pieces() throws {
        let pair = try TLSPair.connected()
        let (writes, flushes) = (pair.socket.writes, pair.socket.flushes)
        pair.channel.write(ByteBuffer(string: "head"), promise: nil)
        try pair.channel.writeAndFlush(ByteBuffer(string: "body")).wait()
        #expect(pair.socket.writes == writes + 1)
        #expect(pair.socket.flushes == flushes + 1)

        try pair.channel.writeAndFlush(ByteBuffer(bytes: mebibyte)).wait()
        #expect(pair.socket.writes > writes + 10)
    }

    @Test("nothing is sent before a flush")
    func flush() throws {
        let pair = try TLSPair.connected()
        pair.channel.write(ByteBuffer(string: "waits"), promise: nil)
        #expect(try pair.received().isEmpty)
        pair.channel.flush()
        #expect(try !pair.received().isEmpty)
    }

    @Test("a write succeeds when its ciphertext was written, not before")
    func promises() throws {
        let pair = try TLSPair.connected()
        pair.socket.holdsWrites = true
        nonisolated(unsafe) var done: [String] = []
        for name in ["one", "two", ""] {
            pair.channel.write(ByteBuffer(string: name)).whenSuccess { done.append(name) }
        }
        pair.channel.flush()
        #expect(done.isEmpty)
        try pair.socket.release(pair.channel.pipeline.syncOperations.context(handler: pair.socket))
        #expect(done.sorted() == ["", "one", "two"])
    }

    @Test("while the channel is not writable, flushed plaintext waits unencrypted")
    func backpressure() throws {
        let pair = try TLSPair.connected()
        pair.channel.isWritable = false
        let written = pair.channel.writeAndFlush(ByteBuffer(bytes: mebibyte))
        #expect(try pair.received().isEmpty)
        pair.channel.isWritable = true
        pair.channel.pipeline.fireChannelWritabilityChanged()
        try written.wait()
        try pair.exchange()
        #expect(try pair.client.read() == .bytes(mebibyte))
    }

    @Test("a close waits for plaintext that the channel cannot take yet")
    func closeUnderBackpressure() throws {
        let pair = try TLSPair.connected()
        pair.channel.isWritable = false
        pair.channel.write(ByteBuffer(bytes: mebibyte), promise: nil)
        let closed = pair.channel.close()
        pair.channel.isWritable = true
        pair.channel.pipeline.fireChannelWritabilityChanged()
        try pair.exchange()
        #expect(try pair.client.read() == .bytes(mebibyte))
        #expect(try pair.client.read() == .closed)
        pair.client.sendCloseNotify()
        try pair.exchange()
        try closed.wait()
    }

    @Test("a read that brought no plaintext is followed by another; one that did leaves the choice to the application")
    func reads() throws {
        let pair = try TLSPair.connected()
        try pair.client.write(Array("ping".utf8))
        let record = pair.client.takeOutput()
        pair.channel.pipeline.read()
        let before = pair.socket.reads
        pair.channel.pipeline.fireChannelRead(ByteBuffer(bytes: record.prefix(9)))
        pair.channel.pipeline.fireChannelReadComplete()
        #expect(pair.socket.reads == before + 1)
        pair.channel.pipeline.fireChannelRead(ByteBuffer(bytes: record.dropFirst(9)))
        pair.channel.pipeline.fireChannelReadComplete()
        #expect(pair.socket.reads == before + 1)
        #expect(pair.plaintext == Array("ping".utf8))
    }

    @Test("errors left in the thread's queue by others do not break a healthy connection")
    func errorQueue() throws {
        let healthy = try TLSPair.connected()
        let broken = try TLSPair()
        try broken.send(Array("not TLS at all".utf8))
        // Whoever shares the thread may leave an error behind.
        #expect(SSL_CTX_use_certificate_file(nil, "/nowhere", SSL_FILETYPE_PEM) != 1)
        #expect(ERR_peek_error() != 0)

        try healthy.client.write(Array("ping".utf8))
        let record = healthy.client.takeOutput()
        #expect(SSL_CTX_use_certificate_file(nil, "/nowhere", SSL_FILETYPE_PEM) != 1)
        try healthy.send(Array(record.prefix(9)))
        #expect(SSL_CTX_use_certificate_file(nil, "/nowhere", SSL_FILETYPE_PEM) != 1)
        try healthy.send(Array(record.dropFirst(9)))
        #expect(healthy.recorder.observations == [.active, .handshakeCompleted(nil), .bytes(Array("ping".utf8))])
        ERR_clear_error()
    }

    @Test("a connection outlives the context it was made from")
    func contextReplaced() throws {
        let pair = try TLSPair.connected()
        let other = try TLSPair(context: TestCertificate.shared.context(alpn: ["h2"]))
        try other.handshake()
        try pair.client.write(Array("ping".utf8))
        try pair.exchange()
        #expect(pair.plaintext == Array("ping".utf8))
    }
}
