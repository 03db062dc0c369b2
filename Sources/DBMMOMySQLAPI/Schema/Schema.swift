/// The types of an object's fields: what the API server checks by itself before it asks any webhook.
indirect enum Schema: Sendable {
    /// `int32` is an integer that fits 32 bits; others fit 64.
    case string, boolean, integer, int32, integerOrString
    case list(Schema)
    case map(Schema)
    case object([String: Schema])

    static func of(_ version: ServedVersion) -> Schema {
        switch version {
        case .v1: v1
        case .v1alpha1: v1alpha1
        }
    }

    /// Reads a list of fields, one a line: the path and the type. `[]` stands for the elements of a list, `{}` for the values of a map.
    init(_ fields: String) {
        self.init(
            fields.split(separator: "\n").map { line in
                let parts = line.split(separator: " ")
                let steps = parts.first?.replacing("[]", with: ".[]").replacing("{}", with: ".{}").split(separator: ".") ?? []
                return (steps[...], parts.last ?? "")
            })
    }

    private init(_ fields: [(path: ArraySlice<Substring>, type: Substring)]) {
        guard let first = fields.first, let step = first.path.first else {
            self =
                switch fields.first?.type {
                case "boolean": .boolean
                case "integer": .integer
                case "int32": .int32
                case "int-or-string": .integerOrString
                default: .string
                }
            return
        }
        let below = Dictionary(grouping: fields) { $0.path.first ?? "" }
            .mapValues { Schema($0.map { ($0.path.dropFirst(), $0.type) }) }
        switch step {
        case "[]": self = .list(below[step] ?? .string)
        case "{}": self = .map(below[step] ?? .string)
        default: self = .object(Dictionary(uniqueKeysWithValues: below.map { (String($0.key), $0.value) }))
        }
    }

    /// The type as the API server names it.
    var name: String {
        switch self {
        case .string: "string"
        case .boolean: "boolean"
        case .integer, .int32: "integer"
        case .integerOrString: "integer,string"
        case .list: "array"
        case .map, .object: "object"
        }
    }
}
