import FoundationEssentials
import JSON

extension Kubeconfig.Entry {
    /// What a cluster says of itself.
    func clusterConfiguration() throws(ConfigurationError) -> ClusterConfiguration {
        let text = try demand("server")
        guard let server = ServerAddress(text) else { throw fault(.malformed, "server is not an address: \(text)") }
        var configuration = ClusterConfiguration(server: server)
        let authorities = try source("certificate-authority")
        if value["insecure-skip-tls-verify"]?.boolean == true {
            guard authorities == nil else {
                throw fault(.malformed, "insecure-skip-tls-verify and a certificate authority exclude each other")
            }
            configuration.trust = .anybody
        } else if let authorities {
            configuration.trust = .authorities(authorities)
        }
        configuration.tlsServerName = try self.text("tls-server-name")
        if let proxy = try self.text("proxy-url") { configuration.proxy = try proxyAddress(proxy) }
        return configuration
    }

    private func proxyAddress(_ text: String) throws(ConfigurationError) -> ProxyAddress {
        // The address is not told: it may hold a password.
        guard let url = URL(string: text), let host = url.host, let scheme = url.scheme?.lowercased() else {
            throw fault(.malformed, "proxy-url is not an address")
        }
        guard url.user == nil else { throw fault(.unsupported, "proxy-url with a user name is not supported") }
        switch scheme {
        case "http": return ProxyAddress(kind: .http, host: host, port: url.port ?? 80)
        case "socks5": return ProxyAddress(kind: .socks5, host: host, port: url.port ?? 1080)
        default: throw fault(.unsupported, "proxy-url with the scheme \(scheme) is not supported")
        }
    }

    /// A cluster as it is told to credential plugins (client.authentication.k8s.io, `Cluster`).
    func clusterInfo() throws(ConfigurationError) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        for name in ["server", "tls-server-name", "proxy-url"] {
            guard let text = try text(name) else { continue }
            writer.member(name, text)
        }
        if value["insecure-skip-tls-verify"]?.boolean == true {
            writer.name("insecure-skip-tls-verify")
            writer.boolean(true)
        }
        if let authorities = try source("certificate-authority") {
            writer.member("certificate-authority-data", Data(try authorities.read()).base64EncodedString())
        }
        let extensions = value["extensions"]?.elements ?? []
        if let config = extensions.last(where: { $0["name"]?.string == "client.authentication.k8s.io/exec" })?["extension"] {
            writer.name("config")
            writer.verbatim(config)
        }
        writer.endObject()
        return writer.text
    }
}
