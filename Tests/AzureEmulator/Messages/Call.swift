import JSON
import NIOCore
import NIOHTTP1

/// A request as the emulator looks at it.
struct Call: Sendable {
    let method: String
    /// Without the query, as it was sent.
    let path: String
    /// In the order they were sent, with their escapes resolved.
    let query: [(name: String, value: String)]
    let headers: HTTPHeaders
    let body: ByteBuffer

    init(_ head: HTTPRequestHead, body: ByteBuffer) {
        let parts = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        method = head.method.rawValue
        path = parts.first.map(String.init) ?? ""
        query = parts.count > 1 ? FormText.pairs(parts[1]) : []
        headers = head.headers
        self.body = body
    }

    /// The parts of the path, with their escapes resolved.
    var segments: [String] { path.split(separator: "/", omittingEmptySubsequences: true).map { FormText.resolved($0) } }

    /// The path by which two requests are for the same thing.
    var place: String { path.lowercased() }

    /// The value of a parameter of the query, by its name in any case.
    func parameter(_ name: String) -> String? { query.first { $0.name.lowercased() == name.lowercased() }?.value }

    func has(contentType: String) -> Bool {
        let sent = headers.first(name: "Content-Type") ?? ""
        return sent.split(separator: ";").first.map { $0.lowercased().filter { $0 != " " } } == contentType
    }

    /// Whether it is for the sign-in, not for the Resource Manager.
    var isSignIn: Bool { place.contains("/oauth2/") }

    /// Whose requests are counted together: those in a subscription, and those to one path of the sign-in.
    ///
    /// https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling
    var scope: String {
        isSignIn ? place : place.split(separator: "/").prefix(2).joined(separator: "/")
    }
}

/// `application/x-www-form-urlencoded`
enum FormText {
    static func pairs(_ text: some StringProtocol) -> [(name: String, value: String)] {
        text.split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (resolved(parts.first ?? "", plusIsSpace: true), parts.count > 1 ? resolved(parts[1], plusIsSpace: true) : "")
        }
    }

    /// The text with its percent escapes resolved.
    static func resolved(_ text: some StringProtocol, plusIsSpace: Bool = false) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2)
            if byte == UInt8(ascii: "%"), digits.count == 2, let escaped = UInt8(String(decoding: digits, as: UTF8.self), radix: 16) {
                bytes.append(escaped)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
