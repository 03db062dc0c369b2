import KubernetesAPI

/// Whether secrets may be sent to a URL: it is absolute and its scheme is `https`, or `http` to this machine.
enum EndpointURL {
    static func isAcceptable(_ text: String) -> Bool {
        let scheme = text.prefix { $0 != ":" }.lowercased()
        let rest = text.dropFirst(scheme.count)
        guard scheme == "https" || scheme == "http", rest.hasPrefix("://") else { return false }
        let authority = rest.dropFirst(3).prefix { !"/?#".contains($0) }
        // A user name in front would be shown wherever the URL is.
        guard !authority.contains("@"), text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return false }
        guard let host = host(of: authority) else { return false }
        return scheme == "https" || isLoopback(host.lowercased())
    }

    /// What a message may show of a URL: nothing when a user and password stand in it, and no query, where tokens stand.
    static func shown(_ text: String) -> String? {
        text.contains("@") ? nil : FieldError.quoted(String(text.prefix { $0 != "?" && $0 != "#" }))
    }

    private static func isLoopback(_ host: String) -> Bool {
        // 127.0.0.0/8
        host == "localhost" || host == "[::1]" || IPv4Address(host).map { $0.number >> 24 == 127 } == true
    }

    /// The host, when it could be one and what follows it is nothing or a port.
    private static func host(of authority: Substring) -> Substring? {
        let isBracketed = authority.hasPrefix("[")
        let end = isBracketed ? authority.firstIndex(of: "]").map(authority.index(after:)) : authority.firstIndex(of: ":")
        let host = authority[..<(end ?? authority.endIndex)]
        let port = authority[host.endIndex...]
        guard !isBracketed || end != nil, isBracketed ? isIPv6(host.dropFirst().dropLast()) : isName(host) else { return nil }
        guard port.isEmpty || (port.hasPrefix(":") && Format.isPort(port.dropFirst())) else { return nil }
        return host
    }

    private static func isName(_ host: Substring) -> Bool {
        !host.isEmpty && host.utf8.allSatisfy { $0.isWordCharacter || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
    }

    /// Near enough to tell an address from what is none.
    private static func isIPv6(_ address: Substring) -> Bool {
        address.contains(":") && address.utf8.allSatisfy { $0.isHexDigit || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") }
    }
}
