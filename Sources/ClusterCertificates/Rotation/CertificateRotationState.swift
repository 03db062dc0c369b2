import TLS

/// What one replica knows of the certificates of all, and so what it does next. No I/O, and no clock.
///
/// Every replica can do every step. Each write is tied to the version of the object that it was decided on, so that of several replicas
/// that do the same one wins. What holds at each moment, in whatever order their writes come and wherever one of them dies:
///
/// - The bundles of a registration follow the Secret: a registration is looked at first, then the Secret is read, then the registration is written if
///   it is still as it was. So a replica with old news cannot put back an old bundle.
/// - A certificate of a new authority is issued only after all registrations trusted that authority for the time of settling. So whoever sees a
///   certificate in the Secret may serve it.
/// - An authority stays in the bundle until everything that it issued has ended. So nobody has to know who serves what.
struct CertificateRotationState: Sendable {
    struct Settings: Sendable {
        let names: [SubjectAlternativeName]
        let lifetimes: CertificateLifetimes
    }

    enum Sight<Content: Sendable>: Sendable {
        case unknown
        case absent
        case present(Content)
    }

    /// The Secret at a version; without certificates when it does not hold any that can be used.
    struct StoredSecret: Sendable {
        let certificates: SharedCertificates?
        let resourceVersion: String
    }

    enum Action: Sendable {
        /// There is nothing to do, unless something changes, until this time.
        case wait(until: ContinuousClock.Instant?)
        /// Have this be what the server presents.
        case serve(ServerCertificate)
        /// There is no usable Secret: look at all registrations, which tell whom somebody may rely on.
        case survey
        /// Create the Secret, or change it at a version.
        case write(CertificateChange, SharedCertificates, at: String?)
        /// Give the clients of a registration the bundle of the Secret, after a look whether the Secret is still at this version.
        case publish(Registration, TrustedBundles, secretVersion: String)
    }

    /// What is written to, as far as failures go.
    enum Target: Sendable, Hashable {
        case secret
        case registration(Registration)
    }

    private struct Failures {
        var count: Int
        var retry: ContinuousClock.Instant
    }

    private let settings: Settings
    /// From 0 to 1, of one's own for each replica, so that not all of them do the same at the same time.
    private let jitter: Double
    private let backoff: @Sendable (_ failures: Int) -> Duration

    private(set) var secret = Sight<StoredSecret>.unknown
    private(set) var registrations: [Registration: Sight<TrustedBundles>]
    /// What is in service, and the authority that issued it.
    private(set) var served: (certificate: ServerCertificate, issuer: Certificate)?
    /// The last usable content of the Secret.
    private var memory: SharedCertificates?
    /// Since when all registrations trust an authority of the Secret, as far as we saw, by its fingerprint.
    private var trusted: [String: ContinuousClock.Instant] = [:]
    /// Whether the registrations have been looked at since the Secret was found to be missing.
    private var isSurveyed = false
    /// Since when registrations are not as they are to be.
    private var different: [Registration: ContinuousClock.Instant] = [:]
    private var failures: [Target: Failures] = [:]

    /// The time within which a registration that is not as it is to be is written, when there are several who could.
    private static let longestHesitation = Duration.milliseconds(500)
    /// Clocks of the machine may be set, so times of theirs are looked at again.
    private static let longestWait = Duration.seconds(600)

    /// - Parameters:
    ///   - backoff: How long to wait after a number of failures in a row.
    init(
        _ settings: Settings, registrations: [Registration], jitter: Double, backoff: @escaping @Sendable (_ failures: Int) -> Duration
    ) {
        self.settings = settings
        self.jitter = min(max(jitter, 0), 1)
        self.backoff = backoff
        self.registrations = Dictionary(registrations.map { ($0, .unknown) }) { first, _ in first }
    }

    // MARK: What is seen

    mutating func saw(secret sight: Sight<StoredSecret>, at instant: ContinuousClock.Instant) {
        secret = sight
        if case .present(let stored) = sight, let certificates = stored.certificates {
            memory = certificates
            isSurveyed = false
        }
        note(at: instant)
    }

    mutating func saw(_ registration: Registration, _ sight: Sight<TrustedBundles>, at instant: ContinuousClock.Instant) {
        registrations[registration] = sight
        note(at: instant)
    }

    /// All registrations have been looked at.
    mutating func surveyed() {
        isSurveyed = true
    }

    mutating func succeeded(_ target: Target) {
        failures[target] = nil
    }

    /// A write, or what has to be read for it, did not succeed.
    mutating func failed(_ target: Target, at instant: ContinuousClock.Instant) {
        let count = (failures[target]?.count ?? 0) + 1
        failures[target] = Failures(count: count, retry: instant + backoff(count))
        if target == .secret { isSurveyed = false }
    }

    /// Keeps in mind since when things are as they are.
    private mutating func note(at instant: ContinuousClock.Instant) {
        guard case .present(let stored) = secret, let certificates = stored.certificates else {
            different = [:]
            trusted = [:]
            return
        }
        let before = trusted
        trusted = [:]
        for authority in certificates.trusted where registrations.values.allSatisfy({ $0.trusts(authority) }) {
            trusted[authority.sha256Fingerprint] = before[authority.sha256Fingerprint] ?? instant
        }
        for (registration, sight) in registrations {
            guard case .present(let bundles) = sight, !bundles.isManagedElsewhere, !bundles.are(certificates.bundle) else {
                different[registration] = nil
                continue
            }
            if different[registration] == nil { different[registration] = instant }
        }
    }

    // MARK: What to do

    /// - Parameters:
    ///   - instant: Now.
    ///   - now: The same in seconds since 1970.
    /// - Throws: `CertificateError` when certificates cannot be made.
    mutating func next(at instant: ContinuousClock.Instant, wallClock now: Int64) throws(CertificateError) -> Action {
        var alarm = Alarm(instant, now, longest: Self.longestWait)
        switch secret {
        case .unknown:
            return .wait(until: nil)
        case .absent:
            return try create(at: nil, &alarm)
        case .present(let stored):
            guard let certificates = stored.certificates else { return try create(at: stored.resourceVersion, &alarm) }
            if let leaf = certificates.leaf, isNew(leaf, now), let issuer = certificates.issuer(of: leaf), mayReplace(issuer, &alarm) {
                served = (leaf, issuer)
                return .serve(leaf)
            }
            if isOpen(.secret, &alarm), let (change, changed) = try change(certificates, &alarm) {
                return .write(change, changed, at: stored.resourceVersion)
            }
            if let (registration, bundles) = unpublished(&alarm) {
                return .publish(registration, bundles, secretVersion: stored.resourceVersion)
            }
            return .wait(until: alarm.due)
        }
    }

    private func isNew(_ leaf: ServerCertificate, _ now: Int64) -> Bool {
        leaf.notAfter > now && leaf.leaf.sha256Fingerprint != served?.certificate.leaf.sha256Fingerprint
    }

    /// Whether a certificate of an authority may be served in place of what is.
    ///
    /// It may, when things go their way. But somebody may have put back a Secret of before, which API servers have long ceased to trust.
    private func mayReplace(_ issuer: Certificate, _ alarm: inout Alarm) -> Bool {
        guard let served, served.certificate.notAfter > alarm.now, served.issuer.sha256Fingerprint != issuer.sha256Fingerprint else {
            return true
        }
        return isSettled(issuer, &alarm)
    }

    /// Whether a target may be written to now.
    private func isOpen(_ target: Target, _ alarm: inout Alarm) -> Bool {
        guard let retry = failures[target]?.retry else { return true }
        return alarm.isOver(retry)
    }

    /// Makes certificates where there are none.
    private func create(at version: String?, _ alarm: inout Alarm) throws(CertificateError) -> Action {
        guard isOpen(.secret, &alarm) else { return .wait(until: alarm.due) }
        guard isSurveyed else { return .survey }
        let (now, lifetimes) = (alarm.now, settings.lifetimes)
        var known: [Certificate] = []
        for case .present(let bundles) in registrations.values {
            for authority in bundles.authorities where !known.contains(where: { $0.sha256Fingerprint == authority.sha256Fingerprint }) {
                known.append(authority)
            }
        }
        guard let memory else {
            return .write(.create, try SharedCertificates.first(for: settings.names, trusting: known, lifetimes, at: now), at: version)
        }
        // Somebody did away with the Secret, which is how a new authority is asked for. What is served goes on being trusted, and so does what
        // others may have been issued meanwhile.
        return .write(.recreate, try memory.recreated(trusting: known, lifetimes, at: now), at: version)
    }

    /// What has to become of the certificates now.
    private func change(
        _ certificates: SharedCertificates, _ alarm: inout Alarm
    ) throws(CertificateError) -> (CertificateChange, SharedCertificates)? {
        let (now, lifetimes) = (alarm.now, settings.lifetimes)
        if let (leaf, issuer) = served, leaf.notAfter > now, certificates.trust(in: issuer).map({ $0 < leaf.notAfter }) ?? true {
            return (.trust, try certificates.trusting(issuer, until: leaf.notAfter))
        }
        let authority = certificates.authority.certificate
        guard authority.notAfter > now else {
            return (.rotate, try certificates.rotated(trustingUntil: now, lifetimes, at: now))
        }
        if certificates.isLeafCurrent, let leaf = certificates.leaf {
            let missing = settings.names.filter { !leaf.leaf.subjectAlternativeNames.contains($0) }
            // Up to a twentieth of its life later, each replica at a time of its own.
            guard alarm.isOver(leaf.leaf.time(after: 2.0 / 3 + jitter / 20)) || !missing.isEmpty else {
                return try prune(certificates, &alarm)
            }
            let isAuthorityDue = now >= authority.time(after: 2.0 / 3) || authority.notAfter < now + lifetimes.certificate
            // An authority takes some time to become known. Until then there has to be something to serve.
            if isAuthorityDue, leaf.notAfter > now {
                return (.rotate, try certificates.rotated(trustingUntil: leaf.notAfter, lifetimes, at: now))
            }
            // Replicas of several versions of a Deployment may want different names; each adds its own until the next renewal.
            let names = missing.isEmpty ? settings.names : leaf.leaf.subjectAlternativeNames + missing
            return (.renew, try certificates.renewed(for: names, lifetimes, at: now))
        }
        // A new authority is being made known. It need not be waited for when nothing else can be in use.
        guard certificates.retired.allSatisfy({ $0.until <= now }) || isSettled(authority, &alarm) else {
            return try prune(certificates, &alarm)
        }
        return (.renew, try certificates.renewed(for: settings.names, lifetimes, at: now))
    }

    private func prune(
        _ certificates: SharedCertificates, _ alarm: inout Alarm
    ) throws(CertificateError) -> (CertificateChange, SharedCertificates)? {
        for retired in certificates.retired where alarm.isOver(retired.until + settings.lifetimes.margin) {
            guard certificates.isOver(retired, settings.lifetimes, at: alarm.now) else { continue }
            return (.prune, try certificates.pruned(settings.lifetimes, at: alarm.now))
        }
        return nil
    }

    /// Whether API servers have had time to learn of an authority.
    private func isSettled(_ authority: Certificate, _ alarm: inout Alarm) -> Bool {
        guard let since = trusted[authority.sha256Fingerprint] else { return false }
        return alarm.isOver(since + settings.lifetimes.settling * (1 + jitter / 4))
    }

    /// A registration that is not as it is to be, and may be written now.
    private func unpublished(_ alarm: inout Alarm) -> (Registration, TrustedBundles)? {
        for (registration, since) in different {
            guard case .present(let bundles)? = registrations[registration], alarm.isOver(since + Self.longestHesitation * jitter),
                isOpen(.registration(registration), &alarm)
            else { continue }
            return (registration, bundles)
        }
        return nil
    }
}

extension CertificateRotationState.Sight<TrustedBundles> {
    /// Whether whoever calls us by a registration trusts an authority. Not, as long as nothing is known.
    fileprivate func trusts(_ authority: Certificate) -> Bool {
        switch self {
        case .unknown: false
        case .absent: true
        case .present(let bundles): bundles.isManagedElsewhere || bundles.trust(authority)
        }
    }
}

/// What is done to the shared certificates.
enum CertificateChange: String, Sendable, CaseIterable {
    /// There were none.
    case create
    /// The Secret is gone, or cannot be used: it is made from what is known of it, with a new authority.
    case recreate
    /// A new certificate.
    case renew
    /// A new authority, to be made known before it is used.
    case rotate
    /// An authority whose certificate is in use is not trusted.
    case trust
    /// Authorities need not be trusted any more.
    case prune
}

/// The time, and the earliest of the times that were found to be still to come.
private struct Alarm {
    let instant: ContinuousClock.Instant
    /// The same in seconds since 1970.
    let now: Int64
    private(set) var due: ContinuousClock.Instant

    init(_ instant: ContinuousClock.Instant, _ now: Int64, longest: Duration) {
        self.instant = instant
        self.now = now
        due = instant + longest
    }

    mutating func isOver(_ time: ContinuousClock.Instant) -> Bool {
        guard time > instant else { return true }
        due = min(due, time)
        return false
    }

    mutating func isOver(_ time: Int64) -> Bool {
        guard time > now else { return true }
        due = min(due, instant + .seconds(time - now))
        return false
    }
}
