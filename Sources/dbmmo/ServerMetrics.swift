import ClusterCertificates
import HTTPServer
import PrometheusMetrics
import TLS
import Webhooks

/// All that the process tells of itself. The metrics are listed in `docs/metrics.md`.
struct ServerMetrics: Sendable {
    let registry: PrometheusRegistry
    let webhooks: WebhookMetrics
    private let refusals: PrometheusCounters<HTTPRefusal.Reason>
    private let handshakes: PrometheusCounters<Handshake>
    private let reloads: PrometheusCounters<Reload>
    private let certificateWrites: PrometheusCounters<CertificateWrite>
    private let authorities: PrometheusGauge
    private let authorityExpiry: PrometheusGauge

    private struct Handshake: Hashable {
        var result: String
        var version: String
        var alpn: String
    }

    private enum Reload: String, CaseIterable {
        case success, failure
    }

    private struct CertificateWrite: Hashable {
        var object: CertificateRotation.Event.Object
        var result: Reload
    }

    /// - Parameter version: of dbmmo.
    init(version: String) {
        let registry = PrometheusRegistry()
        self.registry = registry
        webhooks = WebhookMetrics(registry)
        refusals = registry.counters(
            "dbmmo_http_refused_total", help: "Requests and connections that the server refused by itself, by the reason."
        ) { ["reason": $0.rawValue] }
        handshakes = registry.counters(
            "dbmmo_tls_handshakes_total",
            help: "TLS handshakes by result, version and protocol (ALPN); both are empty where none was agreed on."
        ) { ["result": $0.result, "version": $0.version, "alpn": $0.alpn] }
        reloads = registry.counters(
            "dbmmo_tls_certificate_reloads_total", help: "Changes of the certificate's files by result; a failure keeps the old one.",
            known: Reload.allCases
        ) { ["result": $0.rawValue] }
        certificateWrites = registry.counters(
            "dbmmo_self_signed_writes_total",
            help: "Writes of certificates we made into the cluster, by object and result; what another replica wrote first does not count."
        ) { ["object": $0.object.rawValue, "result": $0.result.rawValue] }
        authorities = registry.gauge(
            "dbmmo_self_signed_authorities", help: "Authorities in the CA bundle: 1, more while one is replaced, 0 without --self-signed.")
        authorityExpiry = registry.gauge(
            "dbmmo_self_signed_authority_expiry_timestamp_seconds",
            help: "When the authority that signs expires, in seconds since 1970; 0 without --self-signed.")
        registry.gauge("dbmmo_build_info", help: "Always 1; the label tells the version.", labels: ["version": version]).set(1)
        ProcessMetrics.register(in: registry)
    }

    // MARK: Counting

    func countRefusal(_ reason: HTTPRefusal.Reason) {
        refusals[reason].increment()
    }

    func countHandshake(_ report: TLSHandshakeReport) {
        handshakes[
            Handshake(result: report.result.description, version: report.version?.rawValue ?? "", alpn: report.alpn ?? "")
        ].increment()
    }

    func countReload(succeeded: Bool) {
        reloads[succeeded ? .success : .failure].increment()
    }

    func countCertificateEvent(_ event: CertificateRotation.Event) {
        switch event {
        case .wrote(let object, let succeeded):
            certificateWrites[CertificateWrite(object: object, result: succeeded ? .success : .failure)].increment()
        case .shared(let count, let expiry):
            authorities.set(Double(count))
            authorityExpiry.set(Double(expiry))
        }
    }

    // MARK: Telling what others keep

    /// - Parameter read: the connections that are open; must not block.
    func tellConnections(_ read: @escaping @Sendable () -> Int) {
        registry.gauge("dbmmo_http_connections", help: "Open connections of the webhook listener.") { Double(read()) }
    }

    /// - Parameter read: the end of validity of the certificate in service, in seconds since 1970; must not block.
    func tellCertificateExpiry(_ read: @escaping @Sendable () -> Int64) {
        registry.gauge(
            "dbmmo_tls_certificate_expiry_timestamp_seconds", help: "When the certificate in service expires, in seconds since 1970."
        ) { Double(read()) }
    }
}
