/// The path and query of a request target (RFC 9112 section 3.2).
struct RequestTarget: Sendable, Equatable {
    var path: String
    var query: String?

    /// Reads the origin form and, as section 3.2.2 demands of a server, the absolute form. Nil for the forms that name no resource
    /// here: the authority form of CONNECT, `*`, and other schemes.
    init?(_ target: String) {
        var rest = Substring(target)
        if rest.utf8.first != UInt8(ascii: "/") {
            guard let scheme = ["http://", "https://"].first(where: { rest.prefix($0.count).lowercased() == $0 }) else { return nil }
            rest = rest.dropFirst(scheme.count).drop { $0 != "/" && $0 != "?" }
        }
        let mark = rest.utf8.firstIndex(of: UInt8(ascii: "?"))
        let path = rest[..<(mark ?? rest.endIndex)]
        self.path = path.isEmpty ? "/" : String(path)
        self.query = mark.map { String(rest[rest.utf8.index(after: $0)...]) }
    }
}
