// Trees that are known in their form are written as Swift writes such values, so that the code looks like the JSON.

extension JSONTree: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral, ExpressibleByStringInterpolation,
    ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral
{
    /// Members without a value are left out.
    public init(dictionaryLiteral members: (String, JSONTree?)...) {
        self = .object(members.compactMap { name, value in value.map { Member(name: name, value: $0) } })
    }

    public init(arrayLiteral elements: JSONTree...) {
        self = .array(elements)
    }

    public init(stringLiteral value: String) {
        self = .string(value)
    }

    public init(integerLiteral value: Int64) {
        self = .integer(value)
    }

    public init(booleanLiteral value: Bool) {
        self = .boolean(value)
    }
}
