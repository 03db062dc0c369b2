import FoundationEssentials
import HTTPCalls
import KubernetesAPI
import NIOSSL

/// Gives each request what it needs to be let in, and keeps it until it changes or ends.
///
/// Files are read again each minute: the token of a service account is replaced after 80 % of its life, which is at least ten minutes. A
/// refusal has them read at once.
actor AccessProvider {
    /// After a renewal that failed while what is kept still counts.
    private static let renewalPause = Duration.seconds(5)
    /// What a plugin made so lately is not made again because of a refusal.
    private static let leastPluginLife = Duration.seconds(10)
    /// How long before its end a credential is renewed.
    private static let renewalMargin = Duration.seconds(30)

    private struct Kept {
        let access: Access
        let parts: Parts
        let madeAt: ContinuousClock.Instant
        /// When to look for another one; nil for when it is refused.
        var renewAt: ContinuousClock.Instant?
        /// When it ends; nil when that is not known.
        var end: ContinuousClock.Instant?
    }

    /// What an access is made of, to see whether it changed.
    private struct Parts: Equatable {
        let authorization: Secret?
        let material: TLSMaterial?
    }

    private let configuration: ClusterConfiguration
    private let fileLife: Duration
    private var kept: Kept?
    private var generation: UInt64 = 0
    private var isRefused = false
    private var renewal: Promise<Result<Access, ConfigurationError>>?

    /// - Parameter fileLife: How long what was read from files counts.
    init(_ configuration: ClusterConfiguration, fileLife: Duration = .seconds(60)) {
        self.configuration = configuration
        self.fileLife = fileLife
    }

    /// - Throws: ``ConfigurationError`` when a file cannot be read or a plugin fails; `CancellationError`.
    func current() async throws -> Access {
        if let kept, !isRefused, kept.renewAt.map({ .now < $0 }) ?? true { return kept.access }
        // Everybody who asks meanwhile waits for the same renewal; it goes on when one of them gives up.
        return try await (renewal ?? beginRenewal()).wait().get()
    }

    private func beginRenewal() -> Promise<Result<Access, ConfigurationError>> {
        let promise = Promise<Result<Access, ConfigurationError>>()
        renewal = promise
        Task { promise.fulfil(await renew()) }
        return promise
    }

    /// The API server did not know us by this access.
    func refuse(_ access: Access) {
        guard let kept, kept.access.generation == access.generation else { return }
        if configuration.credentials.plugin != nil, .now < kept.madeAt + Self.leastPluginLife { return }
        isRefused = true
    }

    private func renew() async -> Result<Access, ConfigurationError> {
        defer { renewal = nil }
        do throws(ConfigurationError) {
            let kept = try await make()
            self.kept = kept
            isRefused = false
            return .success(kept.access)
        } catch {
            // A file that is just being replaced, or a plugin that fails for a moment, must not cost what is still good.
            guard var kept, !isRefused, kept.end.map({ .now < $0 }) ?? true else { return .failure(error) }
            kept.renewAt = .now + Self.renewalPause
            self.kept = kept
            return .success(kept.access)
        }
    }

    private func make() async throws(ConfigurationError) -> Kept {
        var clientCertificate: TLSMaterial.ClientCertificate?
        var authorization: Secret?
        var renewAt: ContinuousClock.Instant?
        var end: ContinuousClock.Instant?
        if let plugin = configuration.credentials.plugin {
            let credential = try await plugin.run()
            authorization = credential.token.map { Secret("Bearer \($0.value)") }
            if let certificate = credential.clientCertificate, let key = credential.clientKey {
                clientCertificate = TLSMaterial.ClientCertificate(
                    certificatePEM: Array(certificate.value.utf8), privateKeyPEM: Array(key.value.utf8))
            }
            if let expiration = credential.expiration {
                let (now, wallClock) = (ContinuousClock.now, Timestamp.now())
                renewAt = now + Self.life(until: expiration, from: wallClock)
                end = now + .seconds(expiration.seconds - wallClock.seconds)
            }
        } else {
            authorization = try Self.header(configuration.credentials.authorization)
            if let files = configuration.credentials.clientCertificate {
                clientCertificate = TLSMaterial.ClientCertificate(
                    certificatePEM: try files.certificate.read(), privateKeyPEM: try files.privateKey.read())
            }
            renewAt = .now + fileLife
        }
        let material = configuration.server.isTLS ? TLSMaterial(trust: try trust(), clientCertificate: clientCertificate) : nil
        let parts = Parts(authorization: authorization, material: material)
        if let kept, kept.parts == parts {
            return Kept(access: kept.access, parts: parts, madeAt: .now, renewAt: renewAt, end: end)
        }
        generation += 1
        let access = Access(authorization: authorization, tls: try material?.configuration(), generation: generation)
        return Kept(access: access, parts: parts, madeAt: .now, renewAt: renewAt, end: end)
    }

    private func trust() throws(ConfigurationError) -> TLSMaterial.Trust {
        switch configuration.trust {
        case .system: .system
        case .anybody: .anybody
        case .authorities(let source): .authorities(try source.read())
        }
    }

    private static func header(_ authorization: Credentials.Authorization?) throws(ConfigurationError) -> Secret? {
        switch authorization {
        case nil: return nil
        case .token(let token): return Secret("Bearer \(token.value)")
        case .tokenFile(let path):
            let token = String(decoding: try SmallFile.read(path), as: UTF8.self).trimmed
            guard !token.isEmpty else { throw ConfigurationError(.malformed, "\(path) holds no token") }
            return Secret("Bearer \(token)")
        case .basic(let username, let password):
            return Secret("Basic \(Data("\(username):\(password.value)".utf8).base64EncodedString())")
        }
    }

    /// For how long to use what ends at a time: until a little before, and for half of its life when that is short.
    static func life(until end: Timestamp, from now: Timestamp) -> Duration {
        let left = Duration.seconds(end.seconds - now.seconds)
        return max(.zero, left - min(renewalMargin, left / 2))
    }
}
