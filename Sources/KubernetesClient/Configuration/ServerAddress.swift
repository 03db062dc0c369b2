import FoundationEssentials

/// Where an API server listens: `https://HOST[:PORT][/PREFIX]`, or `http` without TLS.
struct ServerAddress: Sendable, Equatable, CustomStringConvertible {
    let isTLS: Bool
    /// A name or an address; an IPv6 address without its brackets.
    let host: String
    let port: Int
    /// Before every path, without a slash at its end.
    let prefix: String

    /// Nil when the text is no such URL. Without a scheme `https` is meant.
    init?(_ text: String) {
        guard let url = URL(string: text.contains("://") ? text : "https://\(text)"), let scheme = url.scheme?.lowercased(),
            scheme == "https" || scheme == "http", let host = url.host, !host.isEmpty, url.user == nil, url.query == nil,
            url.fragment == nil
        else { return nil }
        isTLS = scheme == "https"
        self.host = String(host.drop { $0 == "[" }.prefix { $0 != "]" })
        port = url.port ?? (isTLS ? 443 : 80)
        guard (1...65535).contains(port) else { return nil }
        prefix = String(url.path.reversed().drop { $0 == "/" }.reversed())
    }

    /// - Parameter name: The host to write instead of the address, as a URL needs it for another server name.
    func url(host name: String? = nil) -> String {
        let host = name ?? host
        return "\(isTLS ? "https" : "http")://\(host.contains(":") ? "[\(host)]" : host):\(port)\(prefix)"
    }

    var description: String { url() }
}
