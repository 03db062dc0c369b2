import JSON

extension JSONWriter {
    /// A member that is a text; left out when there is none.
    mutating func member(_ memberName: String, _ value: String?) {
        guard let value else { return }
        name(memberName)
        string(value)
    }
}
