public import JSON

extension ObjectSchema {
    /// The path of the first value that this schema would not accept.
    public static func firstMismatch(of value: JSONValue, with schema: ObjectSchema, at path: String) -> String? {
        switch schema {
        case .string: return value.kind == .string ? nil : path
        case .integer: return value.integer != nil ? nil : path
        case .boolean: return value.kind == .boolean ? nil : path
        case .quantity: return value.kind == .string || value.integer != nil ? nil : path
        case .map(let element):
            guard value.kind == .object else { return path }
            return value.members.lazy.compactMap { firstMismatch(of: $0.value, with: element, at: "\(path)[\($0.name)]") }.first
        case .list(let element):
            guard value.kind == .array else { return path }
            return value.elements.lazy.compactMap { firstMismatch(of: $0, with: element, at: "\(path)[]") }.first
        case .object(let members):
            guard value.kind == .object else { return path }
            for (name, member) in value.members {
                // The generator knows only some of the endpoints.
                guard let schema = members.first(where: { $0.name == name })?.schema else { return "\(path).\(name)" }
                if let mismatch = firstMismatch(of: member, with: schema, at: "\(path).\(name)") { return mismatch }
            }
            return nil
        }
    }
}
