import Glibc
import TLS
import Testing

@Suite("a server's certificate from a directory")
struct ServerCertificateTests {
    private let directory: TemporaryDirectory

    /// Starts from a pair that loads.
    init() throws {
        directory = try TemporaryDirectory()
        try TestCertificate.shared.development().write(to: CertificateDirectory(directory.path))
    }

    private func load(at now: Int64 = .now) throws(CertificateError) -> ServerCertificate {
        try CertificateDirectory(directory.path).load(at: now)
    }

    /// Expects a failure of a kind, on one line that contains all of `mentioned`.
    private func expectFailure(
        _ code: CertificateError.Code, at now: Int64 = .now, mentioning mentioned: String...,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let error = #expect(throws: CertificateError.self, sourceLocation: sourceLocation) { try load(at: now) }
        #expect(error?.code == code, sourceLocation: sourceLocation)
        for text in mentioned {
            #expect(error?.description.contains(text) == true, "\(error?.description ?? "")", sourceLocation: sourceLocation)
        }
        #expect(error?.description.contains("\n") == false, sourceLocation: sourceLocation)
    }

    @Test("a sound pair loads and tells its names and validity")
    func sound() throws {
        let certificate = try load()
        #expect(certificate.leaf.subjectAlternativeNames.map(\.description) == ["localhost", "127.0.0.1"])
        #expect(certificate.leaf.subject == "CN=localhost")
        #expect(certificate.leaf.notBefore < .now)
        #expect(abs(certificate.leaf.notAfter - .now - 2 * .day) < 600)
        #expect(certificate.intermediates.isEmpty)
    }

    @Test("a missing directory or file is named", arguments: ["tls.crt", "tls.key"])
    func missing(name: String) throws {
        unlink(directory.file(name))
        expectFailure(.missingFile, mentioning: directory.file(name))
        let error = #expect(throws: CertificateError.self) { try CertificateDirectory("/nowhere").load(at: .now) }
        #expect(error?.description == "/nowhere/tls.crt does not exist")
    }

    @Test("a file that cannot be read is named, with the system's reason")
    func unreadable() throws {
        unlink(directory.file("tls.key"))
        mkdir(directory.file("tls.key"), 0o755)
        defer { rmdir(directory.file("tls.key")) }
        expectFailure(.unreadableFile, mentioning: directory.file("tls.key"), "Is a directory")
    }

    @Test("a file without permission to read is named", .enabled(if: geteuid() != 0, "the superuser may read everything"))
    func permission() throws {
        chmod(directory.file("tls.key"), 0)
        expectFailure(.unreadableFile, mentioning: directory.file("tls.key"), "Permission denied")
    }

    @Test("an endless file is refused")
    func endless() throws {
        unlink(directory.file("tls.crt"))
        symlink("/dev/zero", directory.file("tls.crt"))
        expectFailure(.unreadableFile, mentioning: "too large")
    }

    @Test("a file that is not PEM is named", arguments: ["tls.crt", "tls.key"], ["", "-", "hello -----BEGIN"])
    func notPEM(name: String, contents: String) throws {
        try directory.write(name, contents)
        expectFailure(.notPEM, mentioning: directory.file(name))
    }

    @Test("a key where the certificate belongs is no certificate")
    func noCertificate() throws {
        try directory.write("tls.crt", directory.read("tls.key"))
        expectFailure(.noCertificate, mentioning: "tls.crt")
    }

    @Test("a certificate where the key belongs is no key")
    func noKey() throws {
        try directory.write("tls.key", directory.read("tls.crt"))
        expectFailure(.noPrivateKey, mentioning: "tls.key")
    }

    @Test(
        "a broken certificate is told by its file and place",
        arguments: ["AAAA\n-----END CERTIFICATE-----\n", "!!!!\n-----END CERTIFICATE-----\n", "AAAA\n", ""])
    func brokenCertificate(rest: String) throws {
        try directory.write("tls.crt", "-----BEGIN CERTIFICATE-----\n" + rest)
        expectFailure(.unparsableCertificate, mentioning: "certificate 1 of \(directory.file("tls.crt"))")
    }

    @Test("a chain cut off in its second certificate is not taken for a shorter one")
    func truncatedChain() throws {
        let certificate = try directory.read("tls.crt")
        try directory.write("tls.crt", certificate + certificate.prefix(300))
        expectFailure(.unparsableCertificate, mentioning: "certificate 2")
    }

    @Test(
        "a broken key is told by its file",
        arguments: ["AAAA\n-----END PRIVATE KEY-----\n", "!!!!\n-----END PRIVATE KEY-----\n", "AAAA\n", ""])
    func brokenKey(rest: String) throws {
        try directory.write("tls.key", "-----BEGIN PRIVATE KEY-----\n" + rest)
        expectFailure(.unparsablePrivateKey, mentioning: directory.file("tls.key"))
    }

    @Test("an encrypted key is refused without asking anyone for a passphrase", arguments: [[], ["-traditional"]])
    func encryptedKey(format: [String]) async throws {
        let encrypted = try await OpenSSLTool.run(
            ["pkey", "-in", directory.file("tls.key"), "-aes256", "-passout", "pass:secret"] + format)
        #expect(encrypted.succeeded)
        try directory.write("tls.key", encrypted.text)
        expectFailure(.encryptedPrivateKey, mentioning: directory.file("tls.key"), "passphrase")
    }

    @Test("a key of another certificate is a mismatch that names both files")
    func mismatch() throws {
        try directory.write("tls.key", directory.read("ca.key"))
        expectFailure(.keyMismatch, mentioning: directory.file("tls.crt"), directory.file("tls.key"))
    }

    @Test("an expired certificate tells since when")
    func expired() throws {
        let leaf = try load().leaf
        try load(at: leaf.notAfter).checkValidity(at: leaf.notAfter)
        expectFailure(.expired, at: leaf.notAfter + 1, mentioning: "expired at 20", "CN=localhost", directory.file("tls.crt"))
    }

    @Test("a certificate of the future tells until when it is not valid")
    func notYetValid() throws {
        let leaf = try load().leaf
        try load(at: leaf.notBefore).checkValidity(at: leaf.notBefore)
        expectFailure(.notYetValid, at: leaf.notBefore - 1, mentioning: "not valid until 20")
    }

    @Test("the fingerprint is the one that openssl tells")
    func fingerprint() async throws {
        let told = try await OpenSSLTool.run(["x509", "-in", directory.file("tls.crt"), "-noout", "-fingerprint", "-sha256"])
        let digits = told.text.split(separator: "=").last?.filter(\.isHexDigit).lowercased()
        #expect(try load().leaf.sha256Fingerprint == digits)
    }

    @Test("times are told in UTC")
    func time() throws {
        let past = try DevelopmentCertificates(dnsNames: ["old"], ipAddresses: [], days: 1, at: 951_696_000)
        let error = #expect(throws: CertificateError.self) { try past.serverCertificate.checkValidity(at: .now) }
        #expect(error?.description == "the certificate of CN=old expired at 2000-02-29T00:00:00Z")
    }

    @Test("an expired intermediate counts although the leaf is valid")
    func expiredIntermediate() throws {
        let old = try DevelopmentCertificates(dnsNames: ["old"], ipAddresses: [], days: 1, at: .now - 10 * .day)
        let other = try TemporaryDirectory()
        try old.write(to: CertificateDirectory(other.path))
        try directory.write("tls.crt", directory.read("tls.crt") + other.read("ca.crt"))
        expectFailure(.expired, mentioning: "development CA")
    }

    @Test("intermediates are kept in order and presented")
    func chain() throws {
        try directory.write("tls.crt", directory.read("tls.crt") + directory.read("ca.crt"))
        let certificate = try load()
        #expect(certificate.intermediates.map(\.subject) == ["CN=dbmmo development CA"])
        let pair = try TLSPair(context: TLSServerContext(certificate: certificate))
        try pair.handshake()
    }

    @Test("OpenSSL's refusal of a weak key is told when the context is made")
    func weakKey() async throws {
        let made = try await OpenSSLTool.run([
            "req", "-x509", "-newkey", "rsa:1024", "-noenc", "-subj", "/CN=weak", "-days", "1",
            "-keyout", directory.file("tls.key"), "-out", directory.file("tls.crt")
        ])
        #expect(made.succeeded)
        let certificate = try load()
        let error = #expect(throws: CertificateError.self) { try TLSServerContext(certificate: certificate) }
        #expect(error?.code == .refused)
        #expect(error?.description == "OpenSSL refuses the certificate of CN=weak: ee key too small")
    }

    @Test("RSA of 2048 bits is served")
    func rsa() async throws {
        let made = try await OpenSSLTool.run([
            "req", "-x509", "-newkey", "rsa:2048", "-noenc", "-subj", "/CN=rsa", "-days", "1", "-addext", "subjectAltName=DNS:rsa,IP:::1",
            "-keyout", directory.file("tls.key"), "-out", directory.file("tls.crt")
        ])
        #expect(made.succeeded)
        let certificate = try load()
        #expect(certificate.leaf.subjectAlternativeNames.map(\.description) == ["rsa", "::1"])
        let pair = try TLSPair(context: TLSServerContext(certificate: certificate))
        try pair.handshake()
    }

    @Test("a subject cannot break the line of a message")
    func hostileSubject() async throws {
        let made = try await OpenSSLTool.run([
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-days", "1",
            "-subj", "/CN=two\nlines\u{1b}[31m",
            "-keyout", directory.file("tls.key"), "-out", directory.file("tls.crt")
        ])
        #expect(made.succeeded)
        #expect(try load().leaf.subject == #"CN=two\0Alines\1B[31m"#)
    }
}
