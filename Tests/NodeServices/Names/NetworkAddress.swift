import Glibc

/// An address of the Internet Protocol, in its usual spelling.
struct NetworkAddress: Hashable, Sendable, CustomStringConvertible {
    let description: String
    let isVersion6: Bool

    /// Nil when the text is none.
    init?(_ text: String) {
        var address = in6_addr()
        isVersion6 = text.contains(":")
        let family = isVersion6 ? AF_INET6 : AF_INET
        guard inet_pton(family, text, &address) == 1 else { return nil }
        var spelling = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(family, &address, &spelling, socklen_t(INET6_ADDRSTRLEN)) != nil else { return nil }
        description = String(decoding: spelling.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// The type of its resource record.
    var recordType: String { isVersion6 ? "AAAA" : "A" }

    /// As a label, for a host that has no name.
    var label: String { String(description.map { $0 == "." || $0 == ":" ? "-" : $0 }) }
}
