import JSON
import KubernetesAPI

extension JSONValue {
    /// The value at a field path; nil when it is absent.
    subscript(field path: FieldPath) -> JSONValue? {
        var value = self
        for element in path.elements {
            let next: JSONValue? =
                switch element {
                case .name(let name), .key(let name): value[name]
                case .index(let index): value.elements.dropFirst(index).first
                }
            guard let next else { return nil }
            value = next
        }
        return value
    }
}
