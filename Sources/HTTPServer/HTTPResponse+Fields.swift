import NIOHTTP1

extension HTTPResponse {
    /// The fields of ``headers`` that are sent as they are: not those of framing and of connections, which are the server's, and none that
    /// could be taken for more than one field.
    var sendableFields: some Sequence<(name: String, value: String)> {
        headers.lazy.filter { name, value in !Self.isFraming(name) && Self.isSafe(name) && Self.isSafe(value) }
    }

    private static func isFraming(_ name: String) -> Bool {
        switch name.utf8.count {
        case 7: name.lowercased() == "upgrade"
        case 10: ["connection", "keep-alive"].contains(name.lowercased())
        case 14: name.lowercased() == "content-length"
        case 16: name.lowercased() == "proxy-connection"
        case 17: name.lowercased() == "transfer-encoding"
        default: false
        }
    }

    /// A field with a line end would let its author write the rest of the answer; it is left out.
    private static func isSafe(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
    }
}
