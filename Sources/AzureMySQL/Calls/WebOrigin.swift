/// Who is behind a URL: its scheme, host and port (RFC 6454, section 4).
///
/// Strict, so that no other reader of URLs can see another host in what this one accepts.
struct WebOrigin: Sendable, Equatable {
    private let scheme: String
    private let host: String
    private let port: Int

    /// - Returns: The origin and what follows it, which is empty or begins with a slash or a question mark; nil for what is no plain
    ///   URL of `http` or `https`.
    static func split(_ url: String) -> (origin: WebOrigin, rest: String)? {
        guard url.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), !url.contains("\\"), !url.contains("#"),
            let colon = url.firstRange(of: "://")
        else { return nil }
        let rest = url[colon.upperBound...]
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        let scheme = url[..<colon.lowerBound].lowercased()
        return WebOrigin(scheme: scheme, authority: rest[..<end].lowercased()).map { ($0, String(rest[end...])) }
    }

    private init?(scheme: String, authority: String) {
        guard scheme == "https" || scheme == "http" else { return nil }
        // The colons of an IPv6 address stand within brackets.
        let addressEnd = authority.firstIndex(of: "]").map { authority.index(after: $0) }
        let hostEnd = addressEnd ?? authority.firstIndex(of: ":") ?? authority.endIndex
        let (host, portText) = (authority[..<hostEnd], authority[hostEnd...])
        guard Self.isHost(host) else { return nil }
        if portText.isEmpty {
            port = scheme == "https" ? 443 : 80
        } else {
            guard portText.first == ":", let number = UInt16(portText.dropFirst()), number > 0 else { return nil }
            port = Int(number)
        }
        self.scheme = scheme
        self.host = String(host)
    }

    private static func isHost(_ text: Substring) -> Bool {
        if text.first == "[" { return text.count > 2 && text.dropFirst().dropLast().allSatisfy { $0.isHexDigit || $0 == ":" || $0 == "." } }
        return !text.isEmpty && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "." || $0 == "-" || $0 == "_") }
    }
}

extension String {
    /// Without slashes at the end.
    var withoutSlashes: String {
        var text = self
        while text.last == "/" { text.removeLast() }
        return text
    }
}
