/// Whether secrets may be sent to a URL: it is absolute and its scheme is `https`, or `http` to this machine.
enum EndpointURL {
    private static let loopbackHosts: Set<String> = ["localhost", "127.0.0.1", "[::1]"]

    static func isAcceptable(_ text: String) -> Bool {
        let scheme = text.prefix { $0 != ":" }.lowercased()
        let rest = text.dropFirst(scheme.count)
        guard scheme == "https" || scheme == "http", rest.hasPrefix("://") else { return false }
        let authority = rest.dropFirst(3).prefix { !"/?#".contains($0) }
        // A user name in front would be shown wherever the URL is.
        guard !authority.contains("@"), text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return false }
        guard let host = host(of: authority) else { return false }
        return scheme == "https" || loopbackHosts.contains(host.lowercased())
    }

    /// The host, when what follows it is nothing or a port.
    private static func host(of authority: Substring) -> Substring? {
        let isBracketed = authority.hasPrefix("[")
        let end = isBracketed ? authority.firstIndex(of: "]").map(authority.index(after:)) : authority.firstIndex(of: ":")
        let host = authority[..<(end ?? authority.endIndex)]
        let port = authority[host.endIndex...]
        guard !host.isEmpty, !isBracketed || end != nil else { return nil }
        guard port.isEmpty || (port.hasPrefix(":") && UInt16(port.dropFirst()) != nil) else { return nil }
        return host
    }
}
