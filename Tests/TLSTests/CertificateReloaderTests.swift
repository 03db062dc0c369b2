import Logging
import NIOConcurrencyHelpers
import NIOCore
import ServiceLifecycle
import TestSupport
import Testing

@testable import TLS

@Suite("reloading", .timeLimit(.minutes(1)))
struct CertificateReloaderTests {
    private let authority: ServerCertificate
    private let old: ServerCertificate
    private let new: ServerCertificate
    private let outcomes = NIOLockedValueBox<[Result<ServerCertificate, CertificateError>]>([])
    private let log = RecordedLog()

    init() throws {
        authority = try IssuedCertificate.make("CA", .authority)
        old = try IssuedCertificate.make("old", .server, issuer: authority)
        new = try IssuedCertificate.make("new", .server, issuer: authority)
    }

    private func reloader(_ files: CertificateFiles) throws -> CertificateReloader {
        try CertificateReloader(
            files, interval: .milliseconds(10), now: { .now }, logger: log.logger,
            onReload: { [outcomes] outcome in outcomes.withLockedValue { $0.append(outcome) } },
            makeContext: { try TLSServerContext(certificate: $0, clientAuthorities: $1, alpn: ["http/1.1"]) })
    }

    /// Runs `body` while the reloader runs.
    private func running(_ reloader: CertificateReloader, _ body: () async throws -> Void) async throws {
        let task = Task { await reloader.run() }
        defer { task.cancel() }
        try await body()
    }

    @Test("new connections get the new certificate, while one under way goes on with the old")
    func swap() async throws {
        let volume = try CertificateVolume(old)
        let reloader = try reloader(volume.files)
        let before = try TLSPair(context: reloader.contexts.current)
        try before.handshake()
        #expect(before.client.serverSubject == "CN=old")

        try await running(reloader) {
            try volume.swap(to: new)
            try await poll("the new certificate is in service") { reloader.contexts.current.certificate.leaf.subject == "CN=new" }
        }
        let after = try TLSPair(context: reloader.contexts.current)
        try after.handshake()
        #expect(after.client.serverSubject == "CN=new")
        try before.client.write(Array("still here".utf8))
        try before.exchange()
        #expect(before.plaintext == Array("still here".utf8))
    }

    @Test("each outcome is told once, to the closure and the log; a broken pair leaves the old one in service")
    func outcome() async throws {
        let volume = try CertificateVolume(old)
        let reloader = try reloader(volume.files)
        try await running(reloader) {
            try volume.swap(to: new, key: old)
            try await poll("the broken pair is told") { outcomes.withLockedValue { $0.count } == 1 }
            #expect(reloader.contexts.current.certificate.leaf.subject == "CN=old")
            try volume.swap(to: new, chain: [authority])
            try await poll("the new pair is told") { outcomes.withLockedValue { $0.count } == 2 }
        }
        let told = outcomes.withLockedValue { $0 }
        #expect(throws: CertificateError.self) { try told.first?.get() }
        #expect(try told.last?.get().leaf.subject == "CN=new")

        let lines = log.lines
        #expect(
            lines.map(\.message) == [
                "certificate in service", "certificate not reloaded, the one before stays in service", "certificate reloaded"
            ])
        #expect(lines.map(\.level) == [.info, .error, .info])
        #expect(lines.dropFirst().first?.metadata["error"]?.contains("is not the private key") == true)
        #expect(lines.last?.metadata["tls.certificate.subject"] == "CN=new")
        #expect(lines.last?.metadata["tls.certificate.sha256"] == new.leaf.sha256Fingerprint)
        #expect(lines.last?.metadata["tls.certificate.chain"] == "2")
        #expect(lines.last?.metadata["tls.certificate.not_after"]?.hasPrefix("20") == true)
    }

    @Test("clients of a new authority are served after it was added, and those of one taken away no longer")
    func clientAuthorities() async throws {
        let other = try IssuedCertificate.make("other CA", .authority)
        let client = try IssuedCertificate.make("caller", .client, issuer: other)
        let volume = try CertificateVolume(old, clientAuthorities: [authority])
        let reloader = try reloader(volume.files)
        func isServed() throws -> Bool {
            let pair = try TLSPair(context: reloader.contexts.current, client: TestClient(certificate: client))
            try pair.handshake()
            return pair.errors.isEmpty
        }
        #expect(try !isServed())
        try await running(reloader) {
            try volume.swap(to: old, clientAuthorities: [authority, other])
            try await poll("the client is served") { try isServed() }
            try volume.swap(to: old, clientAuthorities: [authority])
            try await poll("the client is refused") { try !isServed() }
        }
    }

    @Test("what cannot be loaded at the start is an error at once")
    func start() throws {
        let volume = try CertificateVolume(old)
        try volume.swap(to: new, key: old)
        let error = #expect(throws: CertificateError.self) { try reloader(volume.files) }
        #expect(error?.code == .keyMismatch)
    }

    @Test("it ends with graceful shutdown, and not before")
    func shutdown() async throws {
        let volume = try CertificateVolume(old)
        let reloader = try reloader(volume.files)
        let group = ServiceGroup(configuration: ServiceGroupConfiguration(services: [reloader], logger: log.logger))
        async let run: Void = group.run()
        try volume.swap(to: new)
        try await poll("it runs") { outcomes.withLockedValue { $0.count } == 1 }
        await group.triggerGracefulShutdown()
        try await run
    }

    @Test("it ends when it is cancelled")
    func cancellation() async throws {
        let volume = try CertificateVolume(old)
        let reloader = try reloader(volume.files)
        let task = Task { await reloader.run() }
        task.cancel()
        await task.value
    }
}
