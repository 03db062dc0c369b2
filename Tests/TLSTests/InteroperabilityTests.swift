import NIOCore
import TLS
import TestSupport
import Testing

/// Over real sockets, with the `openssl` command as the client.
@Suite("with other people's clients", .timeLimit(.minutes(1)))
struct InteroperabilityTests {
    private func connect(
        to server: LoopbackServer, _ arguments: [String], input: String = "hello\nbye\n"
    ) async throws -> OpenSSLTool.Outcome {
        try await OpenSSLTool.run(["s_client", "-connect", "127.0.0.1:\(server.port)", "-ign_eof"] + arguments, input: input)
    }

    @Test("TLS 1.2 and 1.3 with ALPN: verified, forward secret, echoed and ended in order", arguments: ["1.2", "1.3"])
    func versions(version: String) async throws {
        let directory = try TemporaryDirectory()
        let paths = try TestCertificate.shared.development().write(to: CertificateDirectory(directory.path))
        #expect(paths.count == 4)
        try await LoopbackServer.run(TestCertificate.shared.context()) { server in
            let flag = version == "1.2" ? "-tls1_2" : "-tls1_3"
            let outcome = try await connect(
                to: server,
                [
                    flag, "-alpn", "http/1.1", "-CAfile", directory.file("ca.crt"), "-verify_return_error", "-verify_hostname", "localhost"
                ])
            #expect(outcome.succeeded)
            for text in [
                "ALPN protocol: http/1.1", "TLSv\(version)", "Verification: OK", "Server Temp Key: X25519",
                "Compression: NONE", "\nhello\n", "closed"
            ] {
                #expect(outcome.text.contains(text), "\(text): \(outcome.text)")
            }
            #expect(server.errors.isEmpty)
        }
    }

    @Test("the server's cipher preference wins over the client's")
    func cipherPreference() async throws {
        try await LoopbackServer.run(TestCertificate.shared.context()) { server in
            let outcome = try await connect(
                to: server,
                ["-tls1_2", "-cipher", "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256"])
            #expect(outcome.text.contains("Cipher is ECDHE-ECDSA-AES128-GCM-SHA256"))
        }
    }

    @Test(
        "old versions and suites without forward secrecy or AEAD are refused",
        arguments: [
            ["-tls1_1", "-cipher", "DEFAULT:@SECLEVEL=0"], ["-tls1", "-cipher", "DEFAULT:@SECLEVEL=0"],
            ["-tls1_2", "-cipher", "AES128-GCM-SHA256"],
            ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA256"], ["-alpn", "smtp"], ["-tls1_3", "-groups", "P-521"]
        ])
    func refused(arguments: [String]) async throws {
        try await LoopbackServer.run(TestCertificate.shared.context()) { server in
            let outcome = try await connect(to: server, arguments)
            #expect(!outcome.succeeded)
            #expect(outcome.text.contains("alert"))
            #expect(server.errors.map(\.code) == [.handshakeFailed])
        }
    }

    @Test("a session is resumed by its ticket", arguments: ["-tls1_2", "-tls1_3"])
    func resumption(version: String) async throws {
        let directory = try TemporaryDirectory()
        try await LoopbackServer.run(TestCertificate.shared.context()) { server in
            let first = try await connect(to: server, [version, "-sess_out", directory.file("session")])
            #expect(first.text.contains("New, TLSv1"))
            let second = try await connect(to: server, [version, "-sess_in", directory.file("session")])
            #expect(second.text.contains("Reused, TLSv1"))
        }
    }

    @Test("renegotiation is refused")
    func renegotiation() async throws {
        try await LoopbackServer.run(TestCertificate.shared.context()) { server in
            // Without -ign_eof a line `R` is s_client's command to renegotiate.
            let outcome = try await OpenSSLTool.run(["s_client", "-connect", "127.0.0.1:\(server.port)", "-tls1_2"], input: "R\n")
            #expect(outcome.text.contains("RENEGOTIATING"))
            #expect(outcome.text.contains("no renegotiation"), "\(outcome.text)")
        }
    }

    @Test("1 MiB comes back unchanged over a socket", arguments: ["-tls1_2", "-tls1_3"])
    func large(version: String) async throws {
        var text = ""
        var line = 0
        while text.utf8.count < 1 << 20 {
            text += "line \(line)\n"
            line += 1
        }
        let sent = text + "bye\n"
        try await LoopbackServer.run(TestCertificate.shared.context()) { server in
            let outcome = try await connect(to: server, [version, "-quiet", "-verify_quiet"], input: sent)
            let isUnchanged = outcome.text.hasPrefix(sent)
            #expect(isUnchanged, "\(outcome.text.utf8.count) of \(sent.utf8.count) bytes came back")
        }
    }

    @Test("plain HTTP is answered with the whole 400 before the socket closes, even when the request is large")
    func plainHTTP() async throws {
        try await LoopbackServer.run(TestCertificate.shared.context()) { server in
            let request = "POST /validate HTTP/1.1\r\nContent-Length: 100000\r\n\r\n" + String(repeating: "x", count: 100_000)
            let answer = String(decoding: try await server.exchangePlain(Array(request.utf8)), as: UTF8.self)
            #expect(answer.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
            #expect(answer.hasSuffix("plain HTTP.\n"))
            #expect(server.errors.map(\.code) == [.plainHTTP])
        }
    }

    @Test("a client that says nothing more is dropped at the deadline")
    func silent() async throws {
        try await LoopbackServer.run(TestCertificate.shared.context(), handshakeTimeout: .seconds(1)) { server in
            let received = try await server.exchangePlain([0x16, 0x03, 0x01])
            #expect(received.isEmpty)
            #expect(server.errors.map(\.code) == [.handshakeTimedOut])
        }
    }

    @Test("a client that leaves within the handshake is told apart from one that fails it")
    func leaves() async throws {
        try await LoopbackServer.run(TestCertificate.shared.context()) { server in
            try await server.connectAndLeave()
            let errors = try await server.firstErrors()
            #expect(errors.map(\.code) == [.handshakeInterrupted])
        }
    }

    @Test("one connection's failure leaves another on the same thread alone")
    func isolation() async throws {
        try await LoopbackServer.run(TestCertificate.shared.context()) { server in
            let sent = String(repeating: "healthy\n", count: 50_000) + "bye\n"
            async let healthy = connect(to: server, ["-quiet", "-verify_quiet"], input: sent)
            for _ in 0..<20 {
                _ = try await server.exchangePlain(Array("SSH-2.0-nonsense\r\n".utf8))
            }
            let isUnchanged = try await healthy.text.hasPrefix(sent)
            #expect(isUnchanged)
            #expect(Set(server.errors.map(\.code)) == [.handshakeFailed])
            #expect(server.errors.count == 20)
        }
    }

    @Test("a client learns whose certificates count, and is served with one of them only", arguments: ["-tls1_2", "-tls1_3"])
    func clientCertificates(version: String) async throws {
        let authority = try IssuedCertificate.make("client CA", .authority)
        let client = try IssuedCertificate.make("caller", .client, issuer: authority)
        let directory = try TemporaryDirectory()
        try directory.write("client.pem", client.certificatePEM() + client.privateKeyPEM())
        let context = try TestCertificate.shared.context(clientAuthorities: ClientAuthorities(pem: authority.certificatePEM()))
        try await LoopbackServer.run(context) { server in
            let served = try await connect(to: server, [version, "-cert", directory.file("client.pem")])
            #expect(served.succeeded)
            #expect(served.text.contains("Acceptable client certificate CA names\nCN = client CA\n"), "\(served.text)")
            #expect(served.text.contains("hello\nbye\n"))
            #expect(server.errors.isEmpty)

            let refused = try await connect(to: server, [version])
            #expect(!refused.succeeded)
            #expect(refused.text.contains("alert"))
            #expect(server.errors.map(\.code) == [.clientCertificateRefused])
        }
    }

    @Test("a session is resumed over a change of the certificate while the server runs", arguments: ["-tls1_2", "-tls1_3"])
    func reload(version: String) async throws {
        let directory = try TemporaryDirectory()
        let keys = try SessionTicketKeys()
        let contexts = TLSContextStore(try TestCertificate.shared.context(ticketKeys: keys))
        try await LoopbackServer.run(contexts) { server in
            let first = try await connect(to: server, [version, "-sess_out", directory.file("session")])
            #expect(first.text.contains("New, TLSv1"))
            let renewed = try IssuedCertificate.make("renewed", .server)
            contexts.replace(with: try TLSServerContext(certificate: renewed, alpn: ["http/1.1"], ticketKeys: keys))
            let fresh = try await connect(to: server, [version])
            #expect(fresh.text.contains("subject=CN = renewed"))
            let second = try await connect(to: server, [version, "-sess_in", directory.file("session")])
            #expect(second.text.contains("Reused, TLSv1"))
        }
    }
}
