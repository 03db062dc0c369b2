/// Where a listener listens: `host:port`, with an IPv6 address in brackets.
public struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
    /// A host name, an IPv4 address, or an IPv6 address without brackets; empty for every address of the machine, IPv6 and IPv4.
    public var host: String
    /// 0 lets the system choose.
    public var port: UInt16

    public init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// Reads `127.0.0.1:9443`, `[::1]:9443` or `localhost:9443`. `:9443` means every address.
    public init(parsing text: String) throws(ListenAddressError) {
        guard let colon = text.lastIndex(of: ":") else {
            throw ListenAddressError(text, "it has no port")
        }
        let host = text[..<colon]
        let portText = text[text.index(after: colon)...]
        guard portText.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(portText) else {
            throw ListenAddressError(text, "the port must be a number from 0 to 65535")
        }
        if host.hasPrefix("[") {
            guard host.hasSuffix("]"), host.count > 2 else {
                throw ListenAddressError(text, "the brackets must hold an IPv6 address")
            }
            let address = host.dropFirst().dropLast()
            guard address.contains(":"), !address.contains(where: { $0 == "[" || $0 == "]" }) else {
                throw ListenAddressError(text, "the brackets must hold an IPv6 address")
            }
            self.init(host: String(address), port: port)
        } else {
            guard !host.contains(":") else {
                throw ListenAddressError(text, "an IPv6 address must be in brackets, as in [::1]:9443")
            }
            guard !host.contains(where: { $0.isWhitespace || $0 == "/" || $0 == "]" }) else {
                throw ListenAddressError(text, "the host has a character that no host can have")
            }
            self.init(host: String(host), port: port)
        }
    }

    /// What to bind, one after the other until one can be: `::` takes IPv4 too, but not every kernel has IPv6.
    var candidates: [String] { host.isEmpty ? ["::", "0.0.0.0"] : [host] }

    public var description: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}

/// Why a text is not a listen address.
public struct ListenAddressError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The text as it was given.
    public let text: String
    /// What is wrong with it.
    public let reason: String

    init(_ text: String, _ reason: String) {
        self.text = text
        self.reason = reason
    }

    public var description: String { "'\(text)' is not an address to listen on (host:port): \(reason)" }
}
