import JSON

/// Something is not what the API promises; says what.
struct MalformedDocument: Error {
    let text: String
}

/// The members of an object of Azure's. What is absent or null may be missing; what has another type must not be taken for missing.
struct Fields {
    private let value: JSONValue
    private let name: String

    init(_ value: JSONValue, _ name: String) throws(MalformedDocument) {
        guard value.kind == .object else { throw MalformedDocument(text: "\(name) is no object") }
        self.value = value
        self.name = name
    }

    private func member(_ memberName: String) -> JSONValue? {
        value[memberName].flatMap { $0.isNull ? nil : $0 }
    }

    func text(_ memberName: String) throws(MalformedDocument) -> String? {
        guard let member = member(memberName) else { return nil }
        guard let text = member.string else { throw MalformedDocument(text: "\(name).\(memberName) is no string") }
        return text
    }

    func required(_ memberName: String) throws(MalformedDocument) -> String {
        guard let text = try text(memberName), !text.isEmpty else { throw MalformedDocument(text: "\(name) has no \(memberName)") }
        return text
    }

    func integer(_ memberName: String) throws(MalformedDocument) -> Int64? {
        guard let member = member(memberName) else { return nil }
        guard let integer = member.integer else { throw MalformedDocument(text: "\(name).\(memberName) is no integer") }
        return integer
    }

    /// Some authorities write numbers as strings.
    func seconds(_ memberName: String) throws(MalformedDocument) -> Int64? {
        if let text = value[memberName]?.string, let seconds = Int64(text) { return seconds }
        return try integer(memberName)
    }

    func object(_ memberName: String) throws(MalformedDocument) -> Fields? {
        try member(memberName).map { value throws(MalformedDocument) in try Fields(value, "\(name).\(memberName)") }
    }

    func array(_ memberName: String) throws(MalformedDocument) -> [JSONValue] {
        guard let member = member(memberName), member.kind == .array else {
            throw MalformedDocument(text: "\(name).\(memberName) is no array")
        }
        return member.elements
    }

    /// Some are written as the strings `True` and `False`.
    func flag(_ memberName: String) -> Bool {
        value[memberName]?.boolean ?? (value[memberName]?.string?.lowercased() == "true")
    }

    /// The members that are strings.
    var texts: [String: String] {
        var texts: [String: String] = [:]
        for (name, value) in value.members { texts[name] = value.string }
        return texts
    }
}
