public import JSON

extension JSONValue {
    /// Members sorted by name, no white space, strings with the fewest escapes, numbers as they are spelt.
    public var canonicalText: String {
        var writer = JSONWriter()
        write(canonicallyInto: &writer)
        return writer.text
    }

    private func write(canonicallyInto writer: inout JSONWriter) {
        switch kind {
        case .object:
            writer.beginObject()
            for member in members.sorted(by: { $0.name < $1.name }) {
                writer.name(member.name)
                member.value.write(canonicallyInto: &writer)
            }
            writer.endObject()
        case .array:
            writer.beginArray()
            for element in elements { element.write(canonicallyInto: &writer) }
            writer.endArray()
        case .string: writer.string(string ?? "")
        case .null, .boolean, .number: writer.verbatim(self)
        }
    }
}
