import COpenSSL
import NIOCore
import NIOEmbedded
import Testing

@testable import TLS

@Suite("the report of a handshake")
struct HandshakeReportTests {
    private func results(_ pair: TLSPair) -> [String] {
        pair.reports.map(\.result.description)
    }

    @Test(
        "success tells the version and the protocol, before the application learns of it",
        arguments: [
            (TLS1_2_VERSION, TLSVersion.tls12), (TLS1_3_VERSION, .tls13)
        ])
    func success(version: CInt, expected: TLSVersion) throws {
        let pair = try TLSPair(
            context: TestCertificate.shared.context(alpn: ["h2", "http/1.1"]), client: TestClient(version: version, alpn: ["http/1.1"]))
        pair.recorder.reaction = { [unowned pair] observation, _ in
            if case .handshakeCompleted = observation { #expect(pair.reports.count == 1) }
        }
        try pair.handshake()
        #expect(results(pair) == ["success"])
        #expect(pair.reports.first?.version == expected)
        #expect(pair.reports.first?.alpn == "http/1.1")
        #expect(pair.reports.first?.isResumed == false)
        pair.channel.close(promise: nil)
        #expect(pair.reports.count == 1)
    }

    @Test("a client that offers nothing in common has failed")
    func failed() throws {
        let pair = try TLSPair(client: TestClient(version: TLS1_1_VERSION))
        #expect(throws: TestClient.Failure.self) { try pair.handshake() }
        #expect(results(pair) == ["failed"])
        #expect(pair.reports.first?.version == nil)
    }

    @Test("plain HTTP, the deadline and a client that leaves are told apart, each once")
    func reasons() throws {
        let plain = try TLSPair()
        try plain.send(Array("GET / HTTP/1.1\r\n\r\n".utf8))
        #expect(results(plain) == ["plain_http"])

        let late = try TLSPair(handshakeTimeout: .seconds(1))
        late.channel.embeddedEventLoop.advanceTime(by: .seconds(10))
        #expect(results(late) == ["timed_out"])

        let gone = try TLSPair()
        gone.channel.pipeline.fireChannelInactive()
        #expect(results(gone) == ["interrupted"])
    }

    @Test("a connection that is closed by the server is told too")
    func abandoned() throws {
        let pair = try TLSPair()
        pair.channel.close(promise: nil)
        #expect(results(pair) == ["abandoned"])
    }
}
