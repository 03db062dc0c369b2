import FoundationEssentials
import JSON
import NIOCore
import TLS
import TestSupport

@testable import ClusterCertificates

/// Replicas, an API server and people who interfere, in a time of their own. The certificates are real.
///
/// Replicas are stopped, killed and started again between any two of their steps; calls get lost on the way there or on the way back; watches
/// tell what happened late, and after a read also what is older than that.
struct RotationSimulation {
    /// An object of the API server, with all the versions it had.
    private struct Stored<Content> {
        private(set) var versions: [Content?]
        /// When each came, in seconds.
        private(set) var times: [Double]

        init(_ content: Content?, at time: Double) {
            (versions, times) = ([content], [time])
        }

        var version: Int { versions.count - 1 }
        var current: Content? { versions.last ?? nil }

        mutating func store(_ content: Content?, at time: Double) {
            versions.append(content)
            times.append(time)
        }

        /// What an API server may still hold that learns of changes within a time.
        func recent(_ time: Double) -> [Content] {
            let first = times.lastIndex { $0 <= time } ?? 0
            return versions[first...].compactMap { $0 }
        }
    }

    private enum Secret {
        case usable(SharedCertificates)
        case garbled
    }

    private enum Call {
        case survey
        case write(CertificateChange, SharedCertificates, at: String?)
        case readForPublishing(Registration, TrustedBundles, secretVersion: String)
        case publish(Registration, version: String, bundle: [UInt8])
    }

    private struct Replica {
        var state: CertificateRotationState
        var served: ServerCertificate?
        var call: Call?
        /// What its watches have told so far.
        var seenSecret = -1
        var seenRegistrations: [Registration: Int] = [:]
        var isDown = false
    }

    static let registrations = [
        Registration(kind: .validating, name: "dbmmo"), Registration(kind: .mutating, name: "dbmmo"),
        Registration(kind: .conversion, name: "dbmmomysqls.cache.my.domain")
    ]
    static let lifetimes = CertificateLifetimes(authority: 900, certificate: 300, settling: .seconds(5))

    private(set) var steps = 0
    private(set) var counts: [String: Int] = [:]
    /// What must not have happened, the first time that it did, and what went before it.
    private(set) var violation: String?

    private var random: SeededGenerator
    private let start = ContinuousClock.now
    private var time = 0.0
    private var secret = Stored<Secret>(nil, at: 0)
    private var bundles: [Registration: Stored<[UInt8]>]
    private var replicas: [Replica] = []
    /// When the last certificate of an authority ends.
    private var ends: [String: Int64] = [:]
    private var trace: [String] = []
    private var verdicts: [String: Bool] = [:]
    private var parsed: [[UInt8]: [Certificate]] = [:]
    private let settings = CertificateRotationState.Settings(
        names: [.dnsName("dbmmo-webhook.dbmmo-system.svc")], lifetimes: RotationSimulation.lifetimes)

    init(replicas count: Int, seed: UInt64) {
        random = SeededGenerator(seed: seed)
        bundles = Dictionary(uniqueKeysWithValues: Self.registrations.map { ($0, Stored([], at: 0)) })
        for _ in 0..<count { replicas.append(fresh()) }
    }

    private mutating func fresh() -> Replica {
        let jitter = Double.random(in: 0...1, using: &random)
        return Replica(
            state: CertificateRotationState(settings, registrations: Self.registrations, jitter: jitter) {
                .milliseconds(200 * min($0, 20))
            })
    }

    // MARK: Time

    private var instant: ContinuousClock.Instant { start + .milliseconds(Int64(time * 1000)) }
    private var wallClock: Int64 { 1_800_000_000 + Int64(time) }

    // MARK: Steps

    /// Has something happen.
    mutating func step() throws {
        steps += 1
        let index = Int.random(in: replicas.indices, using: &random)
        switch Int.random(in: 0..<1000, using: &random) {
        case 0..<8:
            replicas[index] = fresh()
            count("kills")
            note(index, "killed")
        case 8..<14: replicas[index].isDown.toggle()
        case 14..<17: try interfere()
        case 17..<300: time += Double.random(in: 0..<2, using: &random)
        case 300..<310: time += Double.random(in: 0..<60, using: &random)
        case 310..<600: look(index, all: false)
        default: if !replicas[index].isDown { try act(index) }
        }
        check()
    }

    /// Has everything go well for some time, and tells what is not as it should be in the end.
    mutating func settle() throws -> [String] {
        for _ in 0..<120 {
            time += 0.5
            for index in replicas.indices {
                replicas[index].isDown = false
                for _ in 0..<6 {
                    look(index, all: true)
                    try act(index, isLossy: false)
                }
            }
            check()
        }
        guard case .usable(let certificates)? = secret.current, let leaf = certificates.leaf else {
            return ["no certificate in the Secret"]
        }
        var faults: [String] = []
        if leaf.notAfter <= wallClock { faults.append("the certificate has ended") }
        for replica in replicas where replica.served?.leaf.sha256Fingerprint != leaf.leaf.sha256Fingerprint {
            faults.append("a replica serves something else than the Secret holds")
        }
        for (registration, stored) in bundles where stored.current != certificates.bundle {
            faults.append("\(registration) has another bundle than the Secret")
        }
        return faults
    }

    /// Watches tell of the next changes.
    private mutating func look(_ index: Int, all: Bool) {
        if all || random.oneIn(3) {
            let seen = replicas[index].seenSecret
            if seen < secret.version {
                let next = all ? secret.version : Int.random(in: seen + 1...secret.version, using: &random)
                replicas[index].seenSecret = next
                replicas[index].state.saw(secret: Self.sight(secret.versions[next], next), at: instant)
            }
        }
        for registration in Self.registrations where all || random.oneIn(3) {
            guard let stored = bundles[registration] else { continue }
            let seen = replicas[index].seenRegistrations[registration] ?? -1
            guard seen < stored.version else { continue }
            let next = all ? stored.version : Int.random(in: seen + 1...stored.version, using: &random)
            replicas[index].seenRegistrations[registration] = next
            replicas[index].state.saw(registration, Self.sight(stored.versions[next] ?? [], next), at: instant)
        }
    }

    private static func sight(_ content: Secret?, _ version: Int) -> CertificateRotationState.Sight<CertificateRotationState.StoredSecret> {
        switch content {
        case nil: .absent
        case .garbled: .present(.init(certificates: nil, resourceVersion: "\(version)"))
        case .usable(let certificates): .present(.init(certificates: certificates, resourceVersion: "\(version)"))
        }
    }

    private static func sight(_ bundle: [UInt8], _ version: Int) -> CertificateRotationState.Sight<TrustedBundles> {
        let object = Self.object(bundle, version)
        return object.map { .present(TrustedBundles(reading: $0, service: nil)) } ?? .unknown
    }

    private static func object(_ bundle: [UInt8], _ version: Int) -> JSONValue? {
        let text =
            #"{"metadata":{"resourceVersion":"\#(version)"},"webhooks":[{"clientConfig":{"caBundle":"\#(Data(bundle).base64EncodedString())"}}]}"#
        return try? JSONDocument(parsing: ByteBuffer(string: text)).root
    }

    /// A replica decides on something, or takes a step of what it has decided on.
    private mutating func act(_ index: Int, isLossy: Bool = true) throws {
        guard let call = replicas[index].call else {
            switch try replicas[index].state.next(at: instant, wallClock: wallClock) {
            case .wait: break
            case .serve(let certificate):
                replicas[index].served = certificate
                count("served")
                note(index, "serves \(name(certificate.leaf))")
            case .survey: replicas[index].call = .survey
            case .write(let change, let certificates, let version): replicas[index].call = .write(change, certificates, at: version)
            case .publish(let registration, let bundles, let version):
                replicas[index].call = .readForPublishing(registration, bundles, secretVersion: version)
            }
            return
        }
        replicas[index].call = nil
        // Lost on the way there, or on the way back.
        let (isLost, isUnanswered) = (isLossy && random.oneIn(12), isLossy && random.oneIn(12))
        switch call {
        case .survey:
            guard !isLost, !isUnanswered else { return replicas[index].state.failed(.secret, at: instant) }
            for (registration, stored) in bundles {
                replicas[index].state.saw(registration, Self.sight(stored.current ?? [], stored.version), at: instant)
            }
            replicas[index].state.surveyed()
        case .write(let change, let certificates, let version):
            let isCurrent = version.map { Int($0) == secret.version && secret.current != nil } ?? (secret.current == nil)
            if !isLost && isCurrent {
                secret.store(.usable(certificates), at: time)
                count(change.rawValue)
                issued(certificates)
                note(
                    index, "\(change), trusting \(certificates.trusted.map(name)), \(certificates.leaf.map { name($0.leaf) } ?? "no leaf")")
            }
            guard !isLost && !isUnanswered && isCurrent else {
                replicas[index].state.failed(.secret, at: instant)
                if !isLost { replicas[index].state.saw(secret: Self.sight(secret.current, secret.version), at: instant) }
                return
            }
            replicas[index].state.succeeded(.secret)
            replicas[index].state.saw(secret: Self.sight(secret.current, secret.version), at: instant)
        case .readForPublishing(let registration, let seen, let version):
            guard !isLost, !isUnanswered else { return replicas[index].state.failed(.registration(registration), at: instant) }
            replicas[index].state.saw(secret: Self.sight(secret.current, secret.version), at: instant)
            guard case .usable(let certificates)? = secret.current, Int(version) == secret.version else { return }
            replicas[index].call = .publish(registration, version: seen.resourceVersion, bundle: certificates.bundle)
        case .publish(let registration, let version, let bundle):
            let isCurrent = Int(version) == bundles[registration]?.version
            if !isLost && isCurrent {
                bundles[registration]?.store(bundle, at: time)
                count("published")
                note(index, "published \(authorities(bundle).map(name)) to \(registration.kind)")
            }
            guard !isLost && !isUnanswered && isCurrent, let stored = bundles[registration] else {
                return replicas[index].state.failed(.registration(registration), at: instant)
            }
            replicas[index].state.succeeded(.registration(registration))
            replicas[index].state.saw(registration, Self.sight(bundle, stored.version), at: instant)
        }
    }

    /// Somebody deletes or spoils the Secret, or wipes a bundle.
    private mutating func interfere() throws {
        if !random.oneIn(4), let registration = Self.registrations.randomElement(using: &random) {
            bundles[registration]?.store([], at: time)
            count("wiped")
            note(-1, "wiped \(registration.kind)")
            return
        }
        // Whoever does away with the Secret before it is known to the registrations does away with all that is known of the certificates in use.
        guard case .usable(let certificates)? = secret.current, bundles.values.allSatisfy({ $0.current == certificates.bundle }) else {
            return
        }
        // A Secret that was missed, created by another replica and destroyed again, all while one call was on its way, is beyond what can be known.
        for replica in replicas {
            if case .write(_, _, nil)? = replica.call { return }
        }
        secret.store(random.oneIn(3) ? .garbled : nil, at: time)
        count("secret destroyed")
        note(-1, "destroyed the Secret")
        // One that knows of nothing may be the first to act.
        if random.oneIn(2), let index = replicas.indices.randomElement(using: &random) {
            replicas[index] = fresh()
            look(index, all: true)
            for _ in 0..<3 { try act(index) }
        }
    }

    // MARK: What must hold

    /// Every certificate that is served verifies against every bundle that an API server may hold.
    private mutating func check() {
        let settling = Double(Self.lifetimes.settling.components.seconds)
        for (index, replica) in replicas.enumerated() {
            guard violation == nil, let served = replica.served, served.notAfter > wallClock else { continue }
            for (registration, stored) in bundles {
                for bundle in stored.recent(time - settling + 0.001) where canBeRelied(on: bundle) && !verifies(served, bundle) {
                    let names = authorities(bundle).map(name)
                    violation =
                        "step \(steps), \(registration) trusts \(names) but replica \(index) serves \(name(served.leaf)):\n"
                        + trace.suffix(60).joined(separator: "\n")
                }
            }
        }
    }

    /// Whether there is a certificate that a bundle makes trusted. One that nobody can rely on counts as none.
    private mutating func canBeRelied(on bundle: [UInt8]) -> Bool {
        authorities(bundle).contains { ends[$0.sha256Fingerprint, default: .min] > wallClock }
    }

    private mutating func authorities(_ bundle: [UInt8]) -> [Certificate] {
        if let known = parsed[bundle] { return known }
        let authorities = bundle.isEmpty ? [] : (try? Certificate.all(inPEM: bundle, name: "bundle")) ?? []
        parsed[bundle] = authorities
        return authorities
    }

    private func name(_ certificate: Certificate) -> Substring { certificate.sha256Fingerprint.prefix(4) }

    private mutating func note(_ index: Int, _ what: String) {
        trace.append("\(Int(time)) s, step \(steps), replica \(index): \(what)")
    }

    private mutating func issued(_ certificates: SharedCertificates) {
        guard let leaf = certificates.leaf, let issuer = certificates.issuer(of: leaf) else { return }
        ends[issuer.sha256Fingerprint] = max(ends[issuer.sha256Fingerprint, default: .min], leaf.notAfter)
    }

    private mutating func verifies(_ certificate: ServerCertificate, _ bundle: [UInt8]) -> Bool {
        for authority in authorities(bundle) {
            let key = certificate.leaf.sha256Fingerprint + authority.sha256Fingerprint
            let verdict = verdicts[key] ?? certificate.leaf.isIssued(by: authority)
            verdicts[key] = verdict
            // Clients look at the authority's own times as well.
            if verdict, authority.notAfter > wallClock { return true }
        }
        return false
    }

    private mutating func count(_ what: String) { counts[what, default: 0] += 1 }
}
