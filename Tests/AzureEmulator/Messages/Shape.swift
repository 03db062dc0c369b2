import JSON

/// Which JSON is accepted.
indirect enum Shape: Sendable {
    case string
    /// One of some words, in any case.
    case word([String])
    case integer
    /// An object with these members at most.
    case object([String: Shape])
    /// An object with strings of any name.
    case strings
    case array(Shape)

    /// Refuses a value that is anything else. No value is repeated in the refusal, since it may be a secret.
    func check(_ value: JSONValue, at place: String = "the body") throws(Refusal) {
        switch self {
        case .string:
            guard value.string != nil else { throw .badBody("\(place) has to be a string") }
        case .integer:
            guard value.integer != nil else { throw .badBody("\(place) has to be an integer") }
        case .word(let words):
            guard let word = value.string else { throw .badBody("\(place) has to be a string") }
            guard words.contains(where: { $0.lowercased() == word.lowercased() }) else {
                throw .badValue("The value of \(place) has to be one of \(words.joined(separator: ", ")).")
            }
        case .array(let element):
            guard value.kind == .array else { throw .badBody("\(place) has to be an array") }
            for (index, part) in value.elements.enumerated() { try element.check(part, at: "\(place)[\(index)]") }
        case .strings:
            try Self.checkNames(value, at: place)
            for member in value.members { try Shape.string.check(member.value, at: "\(place).\(member.name)") }
        case .object(let shapes):
            try Self.checkNames(value, at: place)
            for member in value.members {
                guard let shape = shapes[member.name] else { throw .badBody("\(place) must not have a member '\(member.name)'") }
                try shape.check(member.value, at: place == "the body" ? member.name : "\(place).\(member.name)")
            }
        }
    }

    private static func checkNames(_ value: JSONValue, at place: String) throws(Refusal) {
        guard value.kind == .object else { throw .badBody("\(place) has to be an object") }
        guard value.memberSpans.count == value.members.count else { throw .badBody("\(place) has a member twice") }
    }
}

extension Call {
    /// The JSON of the body.
    func json(_ shape: Shape) throws(Refusal) -> JSONValue {
        guard has(contentType: "application/json") else {
            throw Refusal(
                415, "UnsupportedMediaType", "The content media type is not supported. Only 'application/json' is.",
                complaint: "the content type is not application/json")
        }
        guard let document = try? JSONDocument(parsing: body) else { throw .badBody("the body is not JSON") }
        try shape.check(document.root)
        return document.root
    }
}
