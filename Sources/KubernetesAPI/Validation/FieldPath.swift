/// The way from an object's root to one of its fields, as `field.Path` of `k8s.io/apimachinery` spells it.
///
/// `spec.azure.firewallRules[2].endIP`, `metadata.annotations[cache.my.domain/x]`
public struct FieldPath: Sendable, Hashable, CustomStringConvertible {
    public enum Element: Sendable, Hashable {
        /// A member whose name the type defines.
        case name(String)
        /// A place in a list, from 0.
        case index(Int)
        /// A key of a map, which the user chose.
        case key(String)
    }

    public private(set) var elements: [Element]

    public init(_ names: String...) {
        elements = names.map(Element.name)
    }

    public init(_ elements: some Sequence<Element>) {
        self.elements = Array(elements)
    }

    public func appending(_ name: String) -> FieldPath { appending(.name(name)) }

    public func appending(index: Int) -> FieldPath { appending(.index(index)) }

    public func appending(key: String) -> FieldPath { appending(.key(key)) }

    private func appending(_ element: Element) -> FieldPath {
        var path = self
        path.elements.append(element)
        return path
    }

    public var description: String {
        var text = ""
        for element in elements {
            switch element {
            case .name(let name): text += text.isEmpty ? name : ".\(name)"
            case .index(let index): text += "[\(index)]"
            case .key(let key): text += "[\(key)]"
            }
        }
        return text
    }
}
