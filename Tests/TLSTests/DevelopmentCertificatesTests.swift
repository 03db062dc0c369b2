import Glibc
import TLS
import Testing

@Suite("certificates for development")
struct DevelopmentCertificatesTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private var target: CertificateDirectory { CertificateDirectory(directory.path) }

    private func make(
        dnsNames: [String] = ["localhost"], ipAddresses: [String] = ["127.0.0.1"], days: Int = 30
    ) throws(CertificateError) -> DevelopmentCertificates {
        try DevelopmentCertificates(dnsNames: dnsNames, ipAddresses: ipAddresses, days: days, at: .now)
    }

    @Test("the four files are written, keys for their owner only")
    func files() throws {
        let paths = try make().write(to: target)
        #expect(directory.names() == ["ca.crt", "ca.key", "tls.crt", "tls.key"])
        #expect(paths.sorted() == directory.names().map(directory.file))
        for name in ["ca.key", "tls.key"] {
            #expect(directory.mode(name) == 0o600)
        }
        for name in ["ca.crt", "tls.crt"] {
            #expect(directory.mode(name).map { $0 & 0o600 } == 0o600)
        }
    }

    @Test("OpenSSL verifies the chain for a server and for each name")
    func verifies() async throws {
        try make(dnsNames: ["localhost", "*.example.org"], ipAddresses: ["127.0.0.1", "2001:DB8::1"]).write(to: target)
        let checks = [
            ["-verify_hostname", "localhost"], ["-verify_hostname", "a.example.org"],
            ["-verify_ip", "127.0.0.1"], ["-verify_ip", "2001:db8::1"]
        ]
        for check in checks {
            let outcome = try await OpenSSLTool.run(
                ["verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", directory.file("ca.crt")] + check
                    + [directory.file("tls.crt")])
            #expect(outcome.succeeded, "\(outcome.text)")
        }
        let wrong = try await OpenSSLTool.run(
            ["verify", "-CAfile", directory.file("ca.crt"), "-verify_hostname", "other", directory.file("tls.crt")])
        #expect(!wrong.succeeded)
    }

    @Test("the certificates say what they are for")
    func contents() async throws {
        try make(dnsNames: ["localhost", "dbmmo-webhook.dbmmo-system.svc"], ipAddresses: ["127.0.0.1", "::1"]).write(to: target)
        let leaf = try await OpenSSLTool.run(["x509", "-in", directory.file("tls.crt"), "-noout", "-text"]).text
        #expect(leaf.contains("DNS:localhost, DNS:dbmmo-webhook.dbmmo-system.svc, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1"))
        for text in [
            "Version: 3", "NIST CURVE: P-256", "ecdsa-with-SHA256", "CA:FALSE", "TLS Web Server Authentication", "Authority Key Identifier",
            "Issuer: CN = dbmmo development CA"
        ] {
            #expect(leaf.contains(text), "\(text)")
        }
        let authority = try await OpenSSLTool.run(["x509", "-in", directory.file("ca.crt"), "-noout", "-text"]).text
        for text in ["CA:TRUE", "Certificate Sign, CRL Sign", "Subject Key Identifier", "NIST CURVE: P-256"] {
            #expect(authority.contains(text), "\(text)")
        }
        let serials = try await [
            OpenSSLTool.run(["x509", "-in", directory.file("tls.crt"), "-noout", "-serial"]).text,
            OpenSSLTool.run(["x509", "-in", directory.file("ca.crt"), "-noout", "-serial"]).text
        ]
        #expect(serials[0] != serials[1])
        for serial in serials {
            #expect(serial.count == "serial=".count + 40 + 1)
            #expect(serial.dropFirst("serial=".count).first.map { "4567".contains($0) } == true)
        }
    }

    @Test("the files load as a server's certificate, valid now and some minutes ago")
    func loads() throws {
        try make(days: 30).write(to: target)
        let certificate = try target.load(at: .now - 240)
        #expect(abs(certificate.leaf.notAfter - .now - 30 * .day) < 60)
    }

    @Test("existing files are never overwritten, and all are named")
    func existing() throws {
        try make().write(to: target)
        let before = try directory.read("tls.key")
        let error = #expect(throws: CertificateError.self) { try make().write(to: target) }
        #expect(error?.code == .filesExist)
        for name in ["ca.crt", "ca.key", "tls.crt", "tls.key"] {
            #expect(error?.description.contains(directory.file(name)) == true)
        }
        #expect(try directory.read("tls.key") == before)
    }

    @Test("one leftover, even a dangling link, is enough to write nothing", arguments: ["ca.crt", "ca.key", "tls.crt", "tls.key"])
    func leftover(name: String) throws {
        symlink("/nowhere/at/all", directory.file(name))
        let error = #expect(throws: CertificateError.self) { try make().write(to: target) }
        #expect(error?.description == "\(directory.file(name)) exists already")
        #expect(directory.names() == [name])
    }

    @Test("with force existing files are replaced, whatever their mode")
    func force() throws {
        try make().write(to: target)
        let before = try directory.read("tls.key")
        chmod(directory.file("tls.key"), 0o644)
        try make().write(to: target, force: true)
        #expect(try directory.read("tls.key") != before)
        #expect(directory.mode("tls.key") == 0o600)
        #expect(directory.names() == ["ca.crt", "ca.key", "tls.crt", "tls.key"])
        _ = try target.load(at: .now)
    }

    @Test("a directory that is missing is made; one that cannot be made is named")
    func missingDirectory() throws {
        try make().write(to: CertificateDirectory(directory.file("a/b")))
        _ = try CertificateDirectory(directory.file("a/b")).load(at: .now)

        try directory.write("file", "")
        let error = #expect(throws: CertificateError.self) { try make().write(to: CertificateDirectory(directory.file("file/b"))) }
        #expect(error?.code == .unwritableFile)
        #expect(error?.description.contains(directory.file("file/b")) == true)
    }

    @Test("when a file cannot be put in its place, nothing stays behind but what was there")
    func noRest() throws {
        // A directory in the way of the last file fails its rename, force or not.
        mkdir(directory.file("tls.crt"), 0o755)
        let error = #expect(throws: CertificateError.self) { try make().write(to: target, force: true) }
        #expect(error?.code == .unwritableFile)
        #expect(!directory.names().contains { $0.hasPrefix(".") })
    }

    @Test(
        "what is not a DNS name is refused",
        arguments: [
            "", ".", "a..b", "a.", "-a", "a-", "a_b", "a b", "a,IP:1.2.3.4", "*", "a.*", "*a.b", "10.0.0.1", "ä.example", "a\nb",
            String(repeating: "a", count: 64), String(repeating: "a.", count: 127) + "a"
        ])
    func invalidDNSName(name: String) {
        let error = #expect(throws: CertificateError.self) { try make(dnsNames: [name]) }
        #expect(error?.code == .invalidName)
        #expect(error?.description.contains("\n") == false)
    }

    @Test(
        "what is not an IP address is refused",
        arguments: ["", "localhost", "1.2.3", "1.2.3.256", "::g", "127.0.0.1/8", "[::1]", "fe80::1%eth0"])
    func invalidIPAddress(address: String) {
        let error = #expect(throws: CertificateError.self) { try make(ipAddresses: [address]) }
        #expect(error?.code == .invalidName)
    }

    @Test("no name at all is refused")
    func noNames() {
        let error = #expect(throws: CertificateError.self) { try make(dnsNames: [], ipAddresses: []) }
        #expect(error?.code == .invalidName)
    }

    @Test("a validity out of range is refused", arguments: [Int.min, -1, 0, 36_501, Int.max])
    func invalidDays(days: Int) {
        let error = #expect(throws: CertificateError.self) { try make(days: days) }
        #expect(error?.code == .invalidValidity)
    }

    @Test("a name too long for the subject is certified all the same")
    func longName() async throws {
        let name = String(repeating: "a", count: 63) + ".example.org"
        try make(dnsNames: [name], ipAddresses: []).write(to: target)
        let outcome = try await OpenSSLTool.run([
            "verify", "-x509_strict", "-CAfile", directory.file("ca.crt"), "-verify_hostname", name, directory.file("tls.crt")
        ])
        #expect(outcome.succeeded, "\(outcome.text)")
        #expect(try target.load(at: .now).leaf.subject == name)
    }
}
