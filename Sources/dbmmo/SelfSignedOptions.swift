import ArgumentParser
import ClusterCertificates
import KubernetesClient
import TLS

/// The options of certificates that the process makes for itself. `docs/certificates.md` tells the whole of it.
struct SelfSignedOptions: ParsableArguments {
    @Flag(
        help: """
            Make the CA and the certificate, share them with the other replicas through a Secret, and write the CA bundle into the webhook \
            configurations and the definition. [DBMMO_SELF_SIGNED] (default: in a pod whose --cert-dir has no tls.crt)
            """)
    var selfSigned = false

    @Option(help: "Namespace of the Secret and the Service. [DBMMO_SELF_SIGNED_NAMESPACE] (default: the pod's, or the kubeconfig's)")
    var selfSignedNamespace: String?

    @Option(help: "Service that API servers reach the webhooks by. [DBMMO_SELF_SIGNED_SERVICE] (default: dbmmo-webhook)")
    var selfSignedService: String?

    @Option(help: "DNS name to certify besides those of the Service; can be given again. [DBMMO_SELF_SIGNED_DNS_NAME] (default: none)")
    var selfSignedDnsName: [String] = []

    @Option(help: "IP address to certify; can be given again. [DBMMO_SELF_SIGNED_IP_ADDRESS] (default: none)")
    var selfSignedIpAddress: [String] = []

    @Option(
        help: """
            Name of a validating and a mutating configuration all of whose webhooks are given the CA bundle; can be given again. \
            [DBMMO_WEBHOOK_CONFIGURATION] (default: those webhooks of "dbmmo" that are reached by the Service)
            """)
    var webhookConfiguration: [String] = []

    @Option(help: "How long a serving certificate is valid; renewed after two thirds. [DBMMO_SELF_SIGNED_LIFETIME] (default: 90d)")
    var selfSignedLifetime: Interval?

    @Option(
        help: """
            How long the CA is valid, at least three times that; replaced after two thirds. [DBMMO_SELF_SIGNED_CA_LIFETIME] (default: 365d)
            """)
    var selfSignedCaLifetime: Interval?

    @Option(
        help: """
            How long a new CA is in all bundles before a certificate of it is served, so that every API server knows it. \
            [DBMMO_SELF_SIGNED_SETTLING] (default: 30s)
            """)
    var selfSignedSettling: Interval?

    /// Whether the process is to make its certificates.
    ///
    /// A kubeconfig that happens to be there is no wish to change the cluster that it names, so only a pod's service account counts.
    func isWanted(certificates: CertificateDirectory) throws -> Bool {
        if let wish = try Setting.resolve(selfSigned ? true : nil, "DBMMO_SELF_SIGNED") { return wish }
        return ClusterConfiguration.isInPod && !certificates.hasCertificate
    }

    /// - Parameter namespace: The one of the cluster's configuration.
    /// - Throws: `CertificateError.Code.invalidName`, or an exit code.
    func resolve(namespace: String?) throws -> CertificateRotation.Configuration {
        var configuration = try CertificateRotation.Configuration(
            namespace: Setting.resolve(selfSignedNamespace, "DBMMO_SELF_SIGNED_NAMESPACE") ?? namespace ?? "default",
            serviceName: Setting.resolve(selfSignedService, "DBMMO_SELF_SIGNED_SERVICE", default: "dbmmo-webhook"),
            definition: "dbmmomysqls.cache.my.domain")
        configuration.names +=
            try Setting.resolve(selfSignedDnsName, "DBMMO_SELF_SIGNED_DNS_NAME").map { try .dnsName(checking: $0) }
            + Setting.resolve(selfSignedIpAddress, "DBMMO_SELF_SIGNED_IP_ADDRESS").map { try .ipAddress(checking: $0) }
        let named = try Setting.resolve(webhookConfiguration, "DBMMO_WEBHOOK_CONFIGURATION")
        if !named.isEmpty {
            configuration.webhookConfigurations = named
            configuration.coversAllClients = true
        }
        configuration.lifetimes = try lifetimes()
        return configuration
    }

    private func lifetimes() throws -> CertificateLifetimes {
        let range = Interval.seconds(2)...(.days(36_500))
        let standard = CertificateLifetimes.standard
        let certificate = try Setting.resolve(selfSignedLifetime, "--self-signed-lifetime", in: range)?.seconds ?? standard.certificate
        let authority = try Setting.resolve(selfSignedCaLifetime, "--self-signed-ca-lifetime", in: range)?.seconds ?? standard.authority
        guard authority / 3 >= certificate else {
            throw Failure.usage("--self-signed-ca-lifetime must be at least three times --self-signed-lifetime")
        }
        let settling = try Setting.resolve(selfSignedSettling, "--self-signed-settling", in: .seconds(0)...(.days(1)))?.duration
        let lifetimes = CertificateLifetimes(authority: authority, certificate: certificate, settling: settling ?? standard.settling)
        // While a new CA settles, the certificate of the one before is in the last third of its life.
        guard lifetimes.settling * 6 <= .seconds(certificate) else {
            throw Failure.usage("--self-signed-lifetime must be at least six times --self-signed-settling")
        }
        return lifetimes
    }
}
