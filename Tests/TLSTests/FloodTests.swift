import COpenSSL
import NIOCore
import NIOEmbedded
import Testing

@testable import TLS

@Suite("a client that keeps TLS itself busy")
struct FloodTests {
    /// Sends something again and again until the connection ends, without taking the answers.
    /// - Returns: How often.
    private func flood(_ pair: TLSPair, _ send: (TestClient) throws -> Void) throws -> Int {
        for count in 0..<1000 {
            try send(pair.client)
            try pair.send(pair.client.takeOutput())
            if !pair.errors.isEmpty { return count }
        }
        return 1000
    }

    @Test("a few key updates are fine, a flood of them ends the connection, with data in between or without", arguments: [[], [0x78]])
    func keyUpdates(data: [UInt8]) throws {
        let pair = try TLSPair.connected(version: TLS1_3_VERSION)
        let updates = try flood(pair) { client in
            try client.updateKeys()
            if !data.isEmpty { try client.write(data) }
        }
        #expect((16...200).contains(updates), "\(updates)")
        #expect(pair.errors == [.tooMuchHousekeeping])
        #expect(pair.errors.map(\.code) == [.protocolViolation])
    }

    @Test("an attempt to renegotiate is refused")
    func renegotiation() throws {
        let pair = try TLSPair.connected(version: TLS1_2_VERSION)
        try pair.client.renegotiate()
        try pair.exchange()
        let failure = #expect(throws: TestClient.Failure.self) { try pair.client.read() }
        #expect(failure?.description.contains("no renegotiation") == true)
        #expect(pair.errors.isEmpty)
    }

    @Test(
        "a ClientHello of 16 KiB may follow its header, a longer one is refused at once, and so is one cut into crumbs", arguments: [0, 1])
    func longClientHello(pieces: Int) throws {
        func errors(_ head: [UInt8]) throws -> [TLSError] {
            let pair = try TLSPair()
            for piece in pieces == 0 ? [head] : head.map({ [$0] }) {
                try pair.send(piece)
            }
            return pair.errors
        }
        #expect(try errors([0x16, 3, 1, 0, 4, 1, 0, 0x40, 0]).isEmpty)
        #expect(try errors([0x16, 3, 1, 0, 4, 1, 0, 0x40, 1]) == [.clientHelloTooLong])
        #expect(try errors([0x16, 3, 1, 0, 4, 1, 2, 0, 0]) == [.clientHelloTooLong])
        #expect(try errors([0x16, 3, 1, 0, 3, 1, 0, 0]) == [.clientHelloTooLong])
    }

    @Test("nothing is read for the application while the peer takes nothing")
    func backpressure() throws {
        let pair = try TLSPair.connected(version: TLS1_3_VERSION)
        let before = pair.socket.reads
        pair.channel.isWritable = false
        pair.channel.pipeline.fireChannelWritabilityChanged()
        try pair.client.updateKeys()
        try pair.send(pair.client.takeOutput())
        pair.channel.read()
        #expect(pair.socket.reads == before)
        pair.channel.isWritable = true
        pair.channel.pipeline.fireChannelWritabilityChanged()
        #expect(pair.socket.reads > before)
    }
}
