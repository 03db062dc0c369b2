import HTTPCalls
import JSON
import KubernetesAPI
public import KubernetesClient
public import Logging
public import ServiceLifecycle
public import TLS

/// Keeps the certificates of the webhooks in a Secret that all replicas share, and API servers trusting them.
///
/// Every replica runs one, and none leads. See ``CertificateRotationState`` for what it does when, and `docs/certificates.md`.
public final class CertificateRotation: Service {
    public struct Configuration: Sendable {
        /// Where the Secret and the Service are.
        public let namespace: String
        public var secretName = "dbmmo-webhook-certs"
        public let serviceName: String
        /// The names of the validating and mutating configurations, whose clients of our Service are given the bundle.
        public var webhookConfigurations = ["dbmmo"]
        /// Whether all clients of these configurations are given it, whatever they are reached by.
        public var coversAllClients = false
        /// The name of the definition whose conversion webhook is ours.
        public let definition: String
        /// The names to certify: first those by which clients in the cluster reach the Service.
        public var names: [SubjectAlternativeName]
        public var lifetimes = CertificateLifetimes.standard

        /// - Throws: `CertificateError.Code.invalidName` when the Service's name makes no DNS name.
        public init(namespace: String, serviceName: String, definition: String) throws(CertificateError) {
            self.namespace = namespace
            self.serviceName = serviceName
            self.definition = definition
            let host = "\(serviceName).\(namespace).svc"
            names = [try .dnsName(checking: host), try .dnsName(checking: "\(host).cluster.local")]
        }
    }

    /// What has been done or has failed, for metrics.
    public enum Event: Sendable {
        case wrote(Object, succeeded: Bool)
        /// - Parameters:
        ///   - authorities: How many authorities the bundle has.
        ///   - expiry: When the one that signs ends, in seconds since 1970.
        case shared(authorities: Int, expiry: Int64)

        public enum Object: String, Sendable, CaseIterable {
            case secret, validating, mutating, conversion
        }
    }

    /// How long one call may take: what it is for can be done anew.
    private static let callLimit = Duration.seconds(10)
    private static let backoff = Backoff(first: .milliseconds(200), longest: .seconds(30))

    private let configuration: Configuration
    private let client: KubernetesClient
    private let logger: Logger
    private let now: @Sendable () -> Int64
    private let onEvent: @Sendable (Event) -> Void
    private let serve: @Sendable (ServerCertificate) throws -> Void
    private let service: ServiceReference
    private let registrations: [Registration]

    /// - Parameters:
    ///   - now: The time in seconds since 1970-01-01T00:00:00Z.
    ///   - onEvent: Must be quick.
    ///   - serve: Has a certificate be what the server presents.
    public init(
        _ configuration: Configuration, client: KubernetesClient, now: @escaping @Sendable () -> Int64, logger: Logger,
        onEvent: @escaping @Sendable (Event) -> Void = { _ in }, serve: @escaping @Sendable (ServerCertificate) throws -> Void
    ) {
        self.configuration = configuration
        self.client = client
        self.logger = logger
        self.now = now
        self.onEvent = onEvent
        self.serve = serve
        service = ServiceReference(namespace: configuration.namespace, name: configuration.serviceName)
        registrations =
            configuration.webhookConfigurations.flatMap {
                [Registration(kind: .validating, name: $0), Registration(kind: .mutating, name: $0)]
            } + [Registration(kind: .conversion, name: configuration.definition)]
    }

    private var secretKey: ObjectKey { ObjectKey(namespace: configuration.namespace, name: configuration.secretName) }

    // MARK: Running

    private typealias Target = CertificateRotationState.Target

    /// Works until graceful shutdown or cancellation.
    public func run() async {
        await cancelWhenGracefulShutdown { [self] in
            let mail = Mailbox<Target>()
            var caches: [Target: ObjectCache] = [:]
            for target in [.secret] + registrations.map(Target.registration) { caches[target] = cache(target, mail) }
            await withDiscardingTaskGroup { group in
                for (target, cache) in caches {
                    group.addTask { await cache.run() }
                    group.addTask {
                        // That there is nothing is told by no change.
                        guard (try? await cache.waitUntilSynced()) != nil else { return }
                        mail.put(target)
                    }
                }
                await keep(caches, mail)
                group.cancelAll()
            }
        }
    }

    /// Keeps up with one object.
    private func cache(_ target: Target, _ mail: Mailbox<Target>) -> ObjectCache {
        let (type, key) = place(target)
        let selection = ObjectSelection(
            namespace: type.isNamespaced ? key.namespace : nil, fieldSelector: "metadata.name=\(key.name)")
        return ObjectCache(type, selection, client: client, logger: logger) { _ in mail.put(target) }
    }

    private func place(_ target: Target) -> (ResourceType, ObjectKey) {
        switch target {
        case .secret: (.secrets, secretKey)
        case .registration(let registration): (registration.kind.type, ObjectKey(name: registration.name))
        }
    }

    /// Takes one step after the other.
    private func keep(_ caches: [Target: ObjectCache], _ mail: Mailbox<Target>) async {
        var state = CertificateRotationState(
            CertificateRotationState.Settings(names: configuration.names, lifetimes: configuration.lifetimes), registrations: registrations,
            jitter: .random(in: 0...1), backoff: { Self.backoff.pause(after: $0, jitter: .random(in: 0...1)) })
        while !Task.isCancelled {
            for target in mail.take() {
                let object = caches[target]?[place(target).1]
                switch target {
                case .secret: noteSecret(object, &state)
                case .registration(let registration): note(registration, object, &state)
                }
            }
            do throws(CertificateError) {
                let action = try state.next(at: .now, wallClock: now())
                if case .wait(let due) = action {
                    await mail.wait(until: due)
                } else {
                    await perform(action, &state)
                }
            } catch {
                logger.error("certificates cannot be made", metadata: ["error": "\(error)"])
                state.failed(.secret, at: .now)
            }
        }
    }

    private func noteSecret(_ object: KubernetesObject?, _ state: inout CertificateRotationState) {
        guard let object else { return state.saw(secret: .absent, at: .now) }
        var certificates: SharedCertificates?
        do {
            certificates = try SharedCertificates(reading: try object.json(), name: "Secret \(secretKey)")
        } catch {
            logger.warning("the Secret does not hold usable certificates", metadata: ["error": "\(error)"])
        }
        if let certificates {
            onEvent(.shared(authorities: certificates.trusted.count, expiry: certificates.authority.certificate.notAfter))
        }
        state.saw(
            secret: .present(CertificateRotationState.StoredSecret(certificates: certificates, resourceVersion: object.resourceVersion)),
            at: .now)
    }

    private func note(_ registration: Registration, _ object: KubernetesObject?, _ state: inout CertificateRotationState) {
        guard let object, let json = try? object.json() else { return state.saw(registration, .absent, at: .now) }
        let bundles = TrustedBundles(reading: json, service: configuration.coversAllClients ? nil : service)
        if bundles.isManagedElsewhere {
            logger.warning(
                "cert-manager injects the CA bundle here, so it is left alone", metadata: ["kubernetes.object": "\(registration)"])
        }
        state.saw(registration, .present(bundles), at: .now)
    }

    // MARK: Steps

    private func perform(_ action: CertificateRotationState.Action, _ state: inout CertificateRotationState) async {
        switch action {
        case .wait: break
        case .serve(let certificate):
            do {
                try serve(certificate)
            } catch {
                logger.error("the certificate cannot be served", metadata: ["error": "\(error)"])
            }
        case .survey: await survey(&state)
        case .write(let change, let certificates, let version): await write(change, certificates, at: version, &state)
        case .publish(let registration, let bundles, let version): await publish(registration, bundles, version, &state)
        }
    }

    private func survey(_ state: inout CertificateRotationState) async {
        for registration in registrations {
            do throws(KubernetesError) {
                let object = try await client.get(registration.kind.type, ObjectKey(name: registration.name), within: Self.callLimit)
                note(registration, object, &state)
            } catch {
                guard !Task.isCancelled else { return }
                guard error.isNotFound else {
                    state.failed(.secret, at: .now)
                    return report(error, registration.kind.object)
                }
                note(registration, nil, &state)
            }
        }
        state.surveyed()
    }

    private func write(
        _ change: CertificateChange, _ certificates: SharedCertificates, at version: String?, _ state: inout CertificateRotationState
    ) async {
        do throws(KubernetesError) {
            guard
                let body = try? certificates.secret(
                    namespace: secretKey.namespace, name: secretKey.name, resourceVersion: version)
            else { return state.failed(.secret, at: .now) }
            let object =
                if version == nil {
                    try await client.create(.secrets, namespace: secretKey.namespace, body, within: Self.callLimit)
                } else {
                    try await client.patch(.secrets, secretKey, .merge(body), within: Self.callLimit)
                }
            state.succeeded(.secret)
            onEvent(.wrote(.secret, succeeded: true))
            logger.info(
                "certificates changed",
                metadata: [
                    "tls.change": "\(change.rawValue)", "tls.authority.sha256": "\(certificates.authority.certificate.sha256Fingerprint)",
                    "tls.certificate.sha256": "\(certificates.leaf?.leaf.sha256Fingerprint ?? "")",
                    "tls.authorities": "\(certificates.trusted.count)"
                ])
            noteSecret(object, &state)
        } catch {
            guard !Task.isCancelled else { return }
            state.failed(.secret, at: .now)
            if error.isConflict || error.isAlreadyExists || (error.isNotFound && version != nil) {
                // Another replica was first: what it wrote counts.
                logger.debug("another replica changed the certificates", metadata: ["tls.change": "\(change.rawValue)"])
                _ = await read(&state)
            } else {
                report(error, .secret)
            }
        }
    }

    private func publish(
        _ registration: Registration, _ bundles: TrustedBundles, _ version: String, _ state: inout CertificateRotationState
    ) async {
        // In this order: what the Secret says now is newer than what we know of the registration.
        guard let current = await read(&state) else { return state.failed(.registration(registration), at: .now) }
        guard current.resourceVersion == version, let bundle = current.certificates?.bundle else { return }
        let key = ObjectKey(name: registration.name)
        do throws(KubernetesError) {
            let object = try await client.patch(
                registration.kind.type, key, .json(bundles.patch(to: bundle)), within: Self.callLimit)
            state.succeeded(.registration(registration))
            onEvent(.wrote(registration.kind.object, succeeded: true))
            logger.info("CA bundle written", metadata: ["kubernetes.object": "\(registration)"])
            note(registration, object, &state)
        } catch {
            guard !Task.isCancelled else { return }
            state.failed(.registration(registration), at: .now)
            // After a conflict the watch tells what it is now.
            if !error.isConflict && !error.isNotFound { report(error, registration.kind.object) }
        }
    }

    /// Reads the Secret as it is now.
    private func read(_ state: inout CertificateRotationState) async -> CertificateRotationState.StoredSecret? {
        do throws(KubernetesError) {
            noteSecret(try await client.get(.secrets, secretKey, within: Self.callLimit), &state)
        } catch {
            guard !Task.isCancelled else { return nil }
            if error.isNotFound {
                state.saw(secret: .absent, at: .now)
            } else {
                report(error, .secret)
            }
            return nil
        }
        guard case .present(let stored) = state.secret else { return nil }
        return stored
    }

    private func report(_ error: KubernetesError, _ object: Event.Object) {
        onEvent(.wrote(object, succeeded: false))
        // What an API server says of a Secret need not be seen.
        let reason = object == .secret ? error.status.map { "\(error.call): \($0.code) \($0.reason?.rawValue ?? "")" } : nil
        logger.warning("certificates in the cluster not changed, to be tried again", metadata: ["error": "\(reason ?? "\(error)")"])
    }
}

extension Registration.Kind {
    fileprivate var object: CertificateRotation.Event.Object {
        switch self {
        case .validating: .validating
        case .mutating: .mutating
        case .conversion: .conversion
        }
    }
}
