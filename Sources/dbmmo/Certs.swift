import ArgumentParser
import TLS

struct Certs: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a CA and a serving certificate, for development and for mounting by hand.",
        discussion: "Writes ca.crt, ca.key, tls.crt and tls.key. Keys can be read by their owner only."
    )

    @Option(help: "Directory to write to. [DBMMO_CERT_DIR] (default: certs)", completion: .directory)
    var dir: String?

    @Option(
        name: .customLong("dns-name"), parsing: .upToNextOption,
        help: "DNS names to certify. [DBMMO_DNS_NAME] (default: localhost, dbmmo-webhook.dbmmo-system.svc)")
    var dnsNames: [String] = []

    @Option(
        name: .customLong("ip-address"), parsing: .upToNextOption, help: "IP addresses to certify. [DBMMO_IP_ADDRESS] (default: 127.0.0.1)")
    var ipAddresses: [String] = []

    @Option(help: "How long the certificates are valid, in days. [DBMMO_DAYS] (default: 90)")
    var days: Int?

    @Flag(help: "Replace existing files. [DBMMO_FORCE] (default: false)")
    var force = false

    func run() throws {
        let dnsNames = try Setting.resolve(dnsNames, "DBMMO_DNS_NAME")
        let ipAddresses = try Setting.resolve(ipAddresses, "DBMMO_IP_ADDRESS")
        let days = try Setting.resolve(days, "DBMMO_DAYS", default: 90)
        let force = try Setting.resolve(force ? true : nil, "DBMMO_FORCE", default: false)
        let isNamed = !dnsNames.isEmpty || !ipAddresses.isEmpty
        do {
            let certificates = try DevelopmentCertificates(
                dnsNames: isNamed ? dnsNames : ["localhost", "dbmmo-webhook.dbmmo-system.svc"],
                ipAddresses: isNamed ? ipAddresses : ["127.0.0.1"], days: days, at: Clock.now())
            let directory = CertificateDirectory(try Setting.resolve(dir, "DBMMO_CERT_DIR", default: "certs"))
            for path in try certificates.write(to: directory, force: force) { print(path) }
        } catch let error as CertificateError {
            let hint = error.code == .filesExist ? "; --force replaces them" : ""
            throw error.code == .invalidName || error.code == .invalidValidity
                ? Failure.usage("\(error)") : Failure.runtime("\(error)\(hint)")
        }
    }
}
