import Glibc

/// A name a certificate is valid for (RFC 5280, section 4.2.1.6). Only the kinds a server is reached by.
public enum SubjectAlternativeName: Hashable, Sendable {
    /// A DNS name; the leftmost label may be `*`.
    case dnsName(String)
    /// An IPv4 or IPv6 address.
    case ipAddress(IPAddress)

    /// - Throws: `CertificateError.Code.invalidName` when `name` is not a DNS name: labels of 1 to 63 letters, digits and inner
    ///   hyphens, at most 253 octets in all (RFC 1123, section 2.1), a `*` as the whole leftmost label (RFC 6125, section 6.4.3).
    public static func dnsName(checking name: String) throws(CertificateError) -> SubjectAlternativeName {
        guard isDNSName(name) else {
            throw CertificateError(.invalidName, "\"\(name.printable)\" is not a DNS name")
        }
        return .dnsName(name)
    }

    /// - Throws: `CertificateError.Code.invalidName` when `text` is not an IP address.
    public static func ipAddress(checking text: String) throws(CertificateError) -> SubjectAlternativeName {
        guard let address = IPAddress(text) else {
            throw CertificateError(.invalidName, "\"\(text.printable)\" is not an IP address")
        }
        return .ipAddress(address)
    }

    private static func isDNSName(_ name: String) -> Bool {
        guard name.utf8.count <= 253 else { return false }
        var labels = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)[...]
        if labels.count > 1, labels.first.map({ $0.elementsEqual("*".utf8) }) == true {
            labels = labels.dropFirst()
        }
        // An address in dotted form is not a name: no top-level domain is all digits (RFC 3696, section 2).
        guard let last = labels.last, !last.allSatisfy(isDigit) else { return false }
        return labels.allSatisfy(isLabel)
    }

    private static func isLabel(_ label: Substring.UTF8View) -> Bool {
        let hyphen = UInt8(ascii: "-")
        guard (1...63).contains(label.count), label.first != hyphen, label.last != hyphen else { return false }
        return label.allSatisfy { octet in
            isDigit(octet) || octet == hyphen || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(octet | 0x20)
        }
    }

    private static func isDigit(_ octet: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(octet)
    }
}

extension SubjectAlternativeName: CustomStringConvertible {
    public var description: String {
        switch self {
        case .dnsName(let name): name.printable
        case .ipAddress(let address): address.description
        }
    }
}

/// An IPv4 or IPv6 address.
public struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    /// The 4 or 16 octets in network order.
    let octets: [UInt8]

    /// Parses dotted decimal or RFC 4291 text; no zone, port or prefix length. Nil when `text` is something else.
    public init?(_ text: String) {
        var v4 = in_addr()
        var v6 = in6_addr()
        if inet_pton(AF_INET, text, &v4) == 1 {
            octets = withUnsafeBytes(of: v4) { [UInt8]($0) }
        } else if inet_pton(AF_INET6, text, &v6) == 1 {
            octets = withUnsafeBytes(of: v6) { [UInt8]($0) }
        } else {
            return nil
        }
    }

    /// Nil unless there are 4 or 16 octets.
    init?(octets: some Collection<UInt8>) {
        guard octets.count == 4 || octets.count == 16 else { return nil }
        self.octets = [UInt8](octets)
    }

    /// The usual text form; RFC 5952 for IPv6.
    public var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = octets.count == 4 ? AF_INET : AF_INET6
        guard inet_ntop(family, octets, &text, socklen_t(text.count)) != nil else { return "" }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

extension String {
    /// The text with everything escaped that could break a line or a terminal, cut to a length that fits a message.
    fileprivate var printable: String {
        let escaped = unicodeScalars.prefix(300).map { $0.escaped(asASCII: false) }
        return escaped.joined()
    }
}
