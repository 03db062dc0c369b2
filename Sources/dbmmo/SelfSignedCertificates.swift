import ClusterCertificates
import KubernetesClient
import Logging
import NIOConcurrencyHelpers
import ServiceLifecycle
import TLS

/// What the webhook listener presents when the process makes its certificates by itself.
struct SelfSignedCertificates: Sendable {
    /// Has the certificate, once there is one.
    let held: HeldCertificate
    /// To run, in this order.
    let services: [any Service]

    private let provisional: String

    /// Until there is a certificate, the listener presents one that nobody trusts: it is there, and tells by an alert that it is not ready.
    init(_ options: SelfSignedOptions, metrics: ServerMetrics, logger: Logger) throws {
        do {
            let cluster = try ClusterConfiguration.load()
            let configuration = try options.resolve(namespace: cluster.namespace)
            let provisional = try DevelopmentCertificates(
                dnsNames: ["not-ready.invalid"], ipAddresses: [], days: 1, at: Clock.now()
            ).serverCertificate
            self.provisional = provisional.leaf.sha256Fingerprint
            let held = try HeldCertificate(provisional, name: "Secret \(configuration.namespace)/\(configuration.secretName)")
            self.held = held
            let client = KubernetesClient(cluster, logger: logger)
            let rotation = try CertificateRotation(
                configuration, client: client, now: Clock.now, logger: logger, onEvent: metrics.countCertificateEvent,
                serve: { try held.replace(with: $0) })
            services = [client, rotation]
        } catch let error as ConfigurationError {
            throw Failure.configuration("\(error)")
        } catch let error as CertificateError {
            throw Failure.configuration("\(error)")
        }
    }

    /// Why a certificate is none to serve; nil when it is.
    func fault(_ certificate: ServerCertificate) -> String? {
        certificate.leaf.sha256Fingerprint == provisional ? "there is no certificate yet" : nil
    }
}
