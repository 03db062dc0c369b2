import Glibc
import NIOConcurrencyHelpers
import Testing

@testable import TLS

@Suite("the watch of a certificate's files")
struct CertificateWatchTests {
    private let authority: ServerCertificate
    private let old: ServerCertificate
    private let new: ServerCertificate

    init() throws {
        authority = try IssuedCertificate.make("CA", .authority)
        old = try IssuedCertificate.make("old", .server, issuer: authority)
        new = try IssuedCertificate.make("new", .server, issuer: authority)
    }

    private func watch(_ files: CertificateFiles, now: @escaping @Sendable () -> Int64 = { .now }) throws -> CertificateWatch {
        try CertificateWatch.start(files, now: now) { try TLSServerContext(certificate: $0, clientAuthorities: $1) }.0
    }

    /// Looks twice, so that a fault is told.
    private func fault(_ watch: inout CertificateWatch, sourceLocation: SourceLocation = #_sourceLocation) -> CertificateError.Code? {
        #expect(watch.look() == nil, "not at the first look", sourceLocation: sourceLocation)
        guard case .failure(let error) = watch.look() else { return nil }
        #expect(watch.look() == nil, "only once", sourceLocation: sourceLocation)
        return error.code
    }

    /// A directory of plain files with the old certificate.
    private func plainDirectory() throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        try directory.write("tls.crt", old.certificatePEM())
        try directory.write("tls.key", old.privateKeyPEM())
        return directory
    }

    // MARK: Changes

    @Test("a swap of Kubernetes' ..data is seen, again and again")
    func swap() throws {
        let volume = try CertificateVolume(old)
        var watch = try watch(volume.files)
        for certificate in [new, old, new] {
            #expect(watch.look() == nil)
            try volume.swap(to: certificate)
            #expect(try watch.look()?.get().certificate.leaf.subject == certificate.leaf.subject)
        }
        #expect(watch.look() == nil)
    }

    @Test("files that are written in place are seen, the half-written pair is not told")
    func inPlace() throws {
        let directory = try plainDirectory()
        var watch = try watch(CertificateFiles(CertificateDirectory(directory.path)))
        try directory.write("tls.crt", new.certificatePEM())
        #expect(watch.look() == nil)
        try directory.write("tls.key", new.privateKeyPEM())
        #expect(try watch.look()?.get().certificate.leaf.subject == "CN=new")
    }

    @Test("files that are renamed over the old ones are seen")
    func rename() throws {
        let directory = try plainDirectory()
        var watch = try watch(CertificateFiles(CertificateDirectory(directory.path)))
        try directory.write("next.key", new.privateKeyPEM())
        try directory.write("next.crt", new.certificatePEM())
        Glibc.rename(directory.file("next.key"), directory.file("tls.key"))
        #expect(watch.look() == nil)
        Glibc.rename(directory.file("next.crt"), directory.file("tls.crt"))
        #expect(try watch.look()?.get().certificate.leaf.subject == "CN=new")
    }

    @Test("a renewed intermediate counts although the leaf is the same")
    func chain() throws {
        let intermediate = try IssuedCertificate.make("intermediate", .authority, issuer: authority)
        let leaf = try IssuedCertificate.make("leaf", .server, issuer: intermediate)
        let renewed = try IssuedCertificate.make("intermediate", .authority, issuer: authority, key: intermediate.privateKey, days: 9)
        let volume = try CertificateVolume(leaf, chain: [intermediate])
        var watch = try watch(volume.files)
        try volume.swap(to: leaf, chain: [renewed])
        let certificate = try watch.look()?.get().certificate
        #expect(certificate?.leaf.sha256Fingerprint == leaf.leaf.sha256Fingerprint)
        #expect(certificate?.intermediates.map(\.sha256Fingerprint) == [renewed.leaf.sha256Fingerprint])
    }

    @Test("other client authorities count although the certificate is the same; a bundle that is broken does not")
    func clientAuthorities() throws {
        let other = try IssuedCertificate.make("other CA", .authority)
        let volume = try CertificateVolume(old, clientAuthorities: [authority])
        var watch = try watch(volume.files)
        try volume.swap(to: old, clientAuthorities: [authority, other])
        #expect(try watch.look()?.get().clientAuthorities?.certificates.map(\.subject) == ["CN=CA", "CN=other CA"])
        try volume.swap(to: new, clientAuthorities: [new])
        #expect(fault(&watch) == .refused)
        try volume.swap(to: new)
        #expect(fault(&watch) == .missingFile)
    }

    // MARK: Faults

    @Test("a broken pair is told once, and the next sound one is taken")
    func broken() throws {
        let volume = try CertificateVolume(old)
        var watch = try watch(volume.files)
        try volume.swap(to: new, key: old)
        #expect(fault(&watch) == .keyMismatch)
        try volume.swap(chain: Array("hello".utf8), key: new.privateKeyPEM())
        #expect(fault(&watch) == .notPEM)
        try volume.swap(to: new)
        #expect(try watch.look()?.get().certificate.leaf.subject == "CN=new")
    }

    @Test("a pair that has expired is refused")
    func expired() throws {
        let volume = try CertificateVolume(old)
        var watch = try watch(volume.files)
        try volume.swap(to: IssuedCertificate.make("expired", .server, issuer: authority, days: 1, from: .now - 3 * .day))
        #expect(fault(&watch) == .expired)
    }

    @Test("a pair of the future is taken when its time comes")
    func notYetValid() throws {
        let time = NIOLockedValueBox(Int64.now)
        let volume = try CertificateVolume(old)
        var watch = try watch(volume.files) { time.withLockedValue { $0 } }
        let future = try IssuedCertificate.make("future", .server, issuer: authority, from: .now + .day)
        try volume.swap(to: future)
        #expect(fault(&watch) == .notYetValid)
        time.withLockedValue { $0 = future.leaf.notBefore - 1 }
        #expect(watch.look() == nil)
        time.withLockedValue { $0 = future.leaf.notBefore }
        #expect(try watch.look()?.get().certificate.leaf.subject == "CN=future")
        #expect(watch.look() == nil)
    }

    @Test("a certificate that OpenSSL refuses to serve is a broken one")
    func refused() async throws {
        let directory = try TemporaryDirectory()
        let made = try await OpenSSLTool.run([
            "req", "-x509", "-newkey", "rsa:1024", "-noenc", "-subj", "/CN=weak", "-days", "1",
            "-keyout", directory.file("tls.key"), "-out", directory.file("tls.crt")
        ])
        #expect(made.succeeded)
        let volume = try CertificateVolume(old)
        var watch = try watch(volume.files)
        try volume.swap(chain: directory.read("tls.crt"), key: directory.read("tls.key"))
        #expect(fault(&watch) == .refused)
    }

    @Test("a swap between the reading of the certificate and that of the key is not taken for a mismatch")
    func swapWithinTheReading() throws {
        let volume = try CertificateVolume(old)
        var watch = try watch(volume.files)
        try volume.swap(to: IssuedCertificate.make("between", .server, issuer: authority))
        var reads = 0
        let outcome = watch.look { [new] path throws(CertificateError) in
            reads += 1
            if reads == 2 { try? volume.swap(to: new) }
            return try SmallFile.read(path)
        }
        #expect(try outcome?.get().certificate.leaf.subject == "CN=new")
        #expect(reads >= 6, "twice the same")
    }

    @Test("files that never stand still are given up until the next look")
    func restless() throws {
        let volume = try CertificateVolume(old)
        var watch = try watch(volume.files)
        let certificates = [old, new]
        var reads = 0
        let outcome = watch.look { path throws(CertificateError) in
            defer {
                reads += 1
                try? volume.swap(to: certificates[reads % 2])
            }
            return try SmallFile.read(path)
        }
        #expect(outcome == nil)
        #expect(reads < 100)
        try volume.swap(to: new)
        #expect(try watch.look()?.get().certificate.leaf.subject == "CN=new")
    }
}
