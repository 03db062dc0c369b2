/// A place in a JSON value (RFC 6901).
public struct JSONPointer: Sendable, Hashable, CustomStringConvertible {
    public var names: [String]

    public init(_ names: [String] = []) {
        self.names = names
    }

    public func appending(_ name: String) -> JSONPointer {
        JSONPointer(names + [name])
    }

    /// The pointer's text: `~` and `/` in names are written `~0` and `~1`.
    public var description: String {
        names.map { name in
            var token = "/"
            for character in name.unicodeScalars {
                switch character {
                case "~": token += "~0"
                case "/": token += "~1"
                default: token.unicodeScalars.append(character)
                }
            }
            return token
        }.joined()
    }
}
