import ClusterCertificates
import KubernetesClient
import Logging
import ServiceLifecycle
import TLS

/// What the webhook listener presents when the process makes its certificates by itself.
struct SelfSignedCertificates: Sendable {
    /// Has the certificate, once there is one.
    let held: HeldCertificate

    private let cluster: ClusterConfiguration
    private let configuration: CertificateRotation.Configuration
    private let provisional: String

    /// Until there is a certificate, the listener presents one that nobody trusts: it is there, and tells by an alert that it is not ready.
    ///
    /// - Parameter kubeconfig: A file that says where the cluster is; nil for where it is looked for.
    init(_ options: SelfSignedOptions, kubeconfig: String?) throws {
        do {
            cluster = try ClusterConfiguration.load(kubeconfig: kubeconfig)
            configuration = try options.resolve(namespace: cluster.namespace)
            let certificates = try DevelopmentCertificates(dnsNames: ["not-ready.invalid"], ipAddresses: [], days: 1, at: Clock.now())
            provisional = certificates.serverCertificate.leaf.sha256Fingerprint
            held = try HeldCertificate(
                certificates.serverCertificate, name: "Secret \(configuration.namespace)/\(configuration.secretName)")
        } catch let error as ConfigurationError {
            throw Failure.configuration("\(error)")
        } catch let error as CertificateError {
            throw Failure.configuration("\(error)")
        }
    }

    /// Makes what has to run, in this order.
    func makeServices(_ metrics: ServerMetrics, logger: Logger) -> [any Service] {
        let client = KubernetesClient(cluster, logger: logger)
        let rotation = CertificateRotation(
            configuration, client: client, now: Clock.now, logger: logger, onEvent: metrics.countCertificateEvent,
            serve: { [held] in try held.replace(with: $0) })
        return [client, rotation]
    }

    /// Why a certificate is none to serve; nil when it is.
    func fault(_ certificate: ServerCertificate) -> String? {
        certificate.leaf.sha256Fingerprint == provisional ? "there is no certificate yet" : nil
    }
}
