import JSON
import NIOCore
import TLS
import Testing

@testable import ClusterCertificates

@Suite("what a replica does next for the certificates")
struct CertificateRotationStateTests {
    private static let lifetimes = CertificateLifetimes(authority: 900, certificate: 300, settling: .seconds(5))
    private static let names = [SubjectAlternativeName.dnsName("dbmmo-webhook.dbmmo-system.svc")]
    private static let registrations = [
        Registration(kind: .validating, name: "dbmmo"), Registration(kind: .conversion, name: "dbmmomysqls.cache.my.domain")
    ]
    private static let start: Int64 = 1_800_000_000

    private let zero = ContinuousClock.now
    private var state: CertificateRotationState
    private let first: SharedCertificates

    init() throws {
        state = CertificateRotationState(
            CertificateRotationState.Settings(names: Self.names, lifetimes: Self.lifetimes), registrations: Self.registrations, jitter: 0,
            backoff: { .seconds($0) })
        first = try SharedCertificates.first(for: Self.names, trusting: [], Self.lifetimes, at: Self.start)
    }

    /// What it does after so many seconds.
    private mutating func next(after seconds: Int64) throws -> CertificateRotationState.Action {
        try state.next(at: zero + .seconds(seconds), wallClock: Self.start + seconds)
    }

    private mutating func see(_ certificates: SharedCertificates, _ version: String, after seconds: Int64 = 0) {
        state.saw(secret: .present(.init(certificates: certificates, resourceVersion: version)), at: zero + .seconds(seconds))
    }

    private mutating func see(bundle: [UInt8], after seconds: Int64 = 0) throws {
        for registration in Self.registrations {
            state.saw(registration, .present(try TrustedBundlesTests.reading([bundle])), at: zero + .seconds(seconds))
        }
    }

    private func change(_ action: CertificateRotationState.Action) -> CertificateChange? {
        if case .write(let change, _, _) = action { change } else { nil }
    }

    private func content(_ action: CertificateRotationState.Action) throws -> SharedCertificates {
        guard case .write(_, let certificates, _) = action else { throw NoWrite() }
        return certificates
    }

    private struct NoWrite: Error {}

    /// Has it serve what the Secret holds, and everything be as it is to be.
    private mutating func settle() throws {
        see(first, "1")
        try see(bundle: first.bundle)
        guard case .serve = try next(after: 0) else { throw NoWrite() }
    }

    @Test("nothing is done as long as it is not known whether there is a Secret")
    mutating func unknown() throws {
        guard case .wait(until: nil) = try next(after: 0) else { throw NoWrite() }
    }

    @Test("where there is no Secret the registrations are looked at, and then certificates are made")
    mutating func creation() throws {
        state.saw(secret: .absent, at: zero)
        guard case .survey = try next(after: 0) else { throw NoWrite() }
        for registration in Self.registrations { state.saw(registration, .absent, at: zero) }
        state.surveyed()
        let action = try next(after: 0)
        #expect(change(action) == .create)
        #expect(try content(action).leaf != nil)
    }

    @Test("a certificate in the Secret is served at once, and once")
    mutating func serving() throws {
        try settle()
        guard case .wait(let due?) = try next(after: 1) else { throw NoWrite() }
        #expect(due == zero + .seconds(200))
    }

    @Test("a certificate is renewed after two thirds of its life, by the same authority")
    mutating func renewal() throws {
        try settle()
        guard case .wait = try next(after: 199) else { throw NoWrite() }
        let action = try next(after: 200)
        #expect(change(action) == .renew)
        #expect(try content(action).bundle == first.bundle)
    }

    @Test("a name that is missing has the certificate issued anew, with the names that it had")
    mutating func missingName() throws {
        let other = [SubjectAlternativeName.dnsName("other.example")]
        let held = try SharedCertificates.first(for: other, trusting: [], Self.lifetimes, at: Self.start)
        see(held, "1")
        _ = try next(after: 0)
        let action = try next(after: 0)
        #expect(change(action) == .renew)
        #expect(try content(action).leaf?.leaf.subjectAlternativeNames == other + Self.names)
    }

    @Test("a new authority signs only after all registrations have trusted it for the time of settling")
    mutating func rotation() throws {
        let old = try first.renewed(for: Self.names, Self.lifetimes, at: Self.start + 420)
        see(old, "2", after: 420)
        try see(bundle: old.bundle, after: 420)
        _ = try next(after: 420)
        let rotation = try next(after: 620)
        #expect(change(rotation) == .rotate)
        let rotated = try content(rotation)
        #expect(rotated.leaf?.leaf.sha256Fingerprint == old.leaf?.leaf.sha256Fingerprint)

        see(rotated, "3", after: 621)
        guard case .publish(_, _, "3") = try next(after: 621) else { throw NoWrite() }
        state.saw(Self.registrations[0], .present(try TrustedBundlesTests.reading([rotated.bundle])), at: zero + .seconds(622))
        guard case .publish(Self.registrations[1], _, "3") = try next(after: 630) else { throw NoWrite() }
        try see(bundle: rotated.bundle, after: 631)
        guard case .wait(let due?) = try next(after: 632) else { throw NoWrite() }
        #expect(due == zero + .seconds(636))
        let issue = try next(after: 636)
        #expect(change(issue) == .renew)
        #expect(try content(issue).isLeafCurrent)
        #expect(try content(issue).bundle == rotated.bundle, "the old authority stays trusted")

        // A bundle that somebody wipes meanwhile begins the time anew.
        try see(bundle: [], after: 633)
        try see(bundle: rotated.bundle, after: 634)
        guard case .wait = try next(after: 636) else { throw NoWrite() }
        #expect(change(try next(after: 639)) == .renew)
    }

    @Test("an authority leaves the bundle when everything that it issued has ended, some time later")
    mutating func pruning() throws {
        let rotated = try first.rotated(trustingUntil: Self.start + 300, Self.lifetimes, at: Self.start + 200)
        let issued = try rotated.renewed(for: Self.names, Self.lifetimes, at: Self.start + 210)
        see(issued, "3", after: 210)
        try see(bundle: issued.bundle, after: 210)
        _ = try next(after: 210)
        guard case .wait(let due?) = try next(after: 329) else { throw NoWrite() }
        #expect(due == zero + .seconds(330))
        let action = try next(after: 330)
        #expect(change(action) == .prune)
        #expect(try content(action).trusted.map(\.sha256Fingerprint) == [rotated.authority.certificate.sha256Fingerprint])
    }

    @Test(
        "a Secret that is deleted or spoilt comes back with a new authority, and with the one whose certificate is in use",
        arguments: [true, false])
    mutating func recreation(isDeleted: Bool) throws {
        try settle()
        state.saw(
            secret: isDeleted ? .absent : .present(.init(certificates: nil, resourceVersion: "2")), at: zero + .seconds(10))
        guard case .survey = try next(after: 10) else { throw NoWrite() }
        state.surveyed()
        let action = try next(after: 10)
        guard case .write(.recreate, let made, let version) = action else { throw NoWrite() }
        #expect(version == (isDeleted ? nil : "2"))
        #expect(made.leaf?.leaf.sha256Fingerprint == first.leaf?.leaf.sha256Fingerprint)
        #expect(made.trusted.count == 2)
        #expect(made.authority.certificate.sha256Fingerprint != first.authority.certificate.sha256Fingerprint)
    }

    @Test("a Secret of before does not make what is served untrusted")
    mutating func backup() throws {
        let old = try SharedCertificates.first(for: Self.names, trusting: [first.authority.certificate], Self.lifetimes, at: Self.start)
            .pruned(Self.lifetimes, at: Self.start + 1000)
        try settle()
        let other = try old.renewed(for: Self.names, Self.lifetimes, at: Self.start)
        see(other, "9")
        let action = try next(after: 1)
        #expect(change(action) == .trust)
        let both = try content(action)
        #expect(both.trust(in: first.authority.certificate) == first.leaf?.notAfter)
        // What it holds is served when it is trusted.
        see(both, "10", after: 2)
        guard case .publish = try next(after: 2) else { throw NoWrite() }
        try see(bundle: both.bundle, after: 3)
        guard case .wait(let due?) = try next(after: 4) else { throw NoWrite() }
        #expect(due == zero + .seconds(8))
        guard case .serve(let certificate) = try next(after: 8) else { throw NoWrite() }
        #expect(certificate.leaf.sha256Fingerprint == other.leaf?.leaf.sha256Fingerprint)
    }

    @Test("a registration that cannot be written holds up neither the other one nor a renewal")
    mutating func failure() throws {
        see(first, "1")
        try see(bundle: [])
        _ = try next(after: 0)
        guard case .publish(let one, _, _) = try next(after: 0) else { throw NoWrite() }
        state.failed(.registration(one), at: zero)
        guard case .publish(let other, _, _) = try next(after: 0) else { throw NoWrite() }
        #expect(other != one)
        state.failed(.registration(other), at: zero)
        guard case .wait(let due?) = try next(after: 0) else { throw NoWrite() }
        #expect(due == zero + .seconds(1))
        state.failed(.registration(one), at: zero + .seconds(200))
        state.failed(.registration(other), at: zero + .seconds(200))
        #expect(change(try next(after: 200)) == .renew)
    }

    @Test("a registration that cert-manager looks after is left alone")
    mutating func injected() throws {
        see(first, "1")
        for registration in Self.registrations {
            let bundles = try TrustedBundlesTests.reading([[]], annotation: "cert-manager.io/inject-ca-from")
            state.saw(registration, .present(bundles), at: zero)
        }
        _ = try next(after: 0)
        guard case .wait = try next(after: 1) else { throw NoWrite() }
    }
}
