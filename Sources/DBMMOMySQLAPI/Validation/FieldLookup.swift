import JSON
import KubernetesAPI

extension JSONValue {
    /// The value at the end of a path; nil when it is absent.
    subscript(field path: some Sequence<FieldPath.Element>) -> JSONValue? {
        var value = self
        for element in path {
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
