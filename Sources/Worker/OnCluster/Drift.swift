import JSON
import KubernetesAPI

/// How an object differs from what is wanted of it.
///
/// Only what is wanted is compared, so that what the API server and others add is no difference. The exceptions are places where an addition changes what
/// the object does: those are to hold what is wanted and nothing else.
struct Drift: Sendable {
    /// Whether everything that is wanted is there.
    private(set) var isCovered = true

    /// What takes away what is too much (RFC 6902); applying would leave it.
    private(set) var surplus: [JSONTree] = []

    /// - Parameter replacement: What tells that nothing can be merged.
    init(of observed: JSONValue, from wanted: JSONTree, replacing replacement: DesiredObject.Replacement? = nil) {
        guard case .object(let members) = wanted else { return }
        if let replacement, let spec = wanted["spec"], spec.text(of: replacement.member) != observed["spec"]?[replacement.member]?.string,
            [spec.text(of: replacement.member), observed["spec"]?[replacement.member]?.string].contains(replacement.value)
        {
            isCovered = false
            surplus = [["op": "replace", "path": "/spec", "value": spec]]
            return
        }
        // By these it was found, and the items of a list have no type of their own.
        isCovered = coversObject(observed, members.filter { !["apiVersion", "kind"].contains($0.name) }, [])
    }

    /// What the members of an element of a list are found by (`x-kubernetes-list-map-keys`). Other lists are compared place by place.
    private static let listKeys = [
        "containers": "name", "initContainers": "name", "env": "name", "volumes": "name", "volumeMounts": "mountPath",
        "ownerReferences": "uid"
    ]

    /// Objects that are to have no other members: a Service that selects less or a file of configuration from elsewhere changes the database.
    private static let exactObjects: Set = [["spec", "selector"], ["data"]]

    /// Lists whose other elements are taken away: a second container would run on the same data.
    private static let exactLists: Set = [["spec", "template", "spec", "containers"], ["spec", "template", "spec", "initContainers"]]

    /// A list that is put in place as a whole: two ports of a Service cannot have one name, so that nothing can be added to a changed one.
    private static let replacedList = ["spec", "ports"]

    // MARK: Comparing

    private mutating func covers(_ observed: JSONValue?, _ wanted: JSONTree, _ path: [String]) -> Bool {
        guard let observed, !observed.isNull else { return wanted.isEmptyValue }
        switch wanted {
        case .verbatim(let value): return covers(observed, value.oneLevel, path)
        case .null: return false
        case .boolean(let value): return observed.boolean == value
        case .integer(let value): return observed.integer == value || Self.isSameQuantity(observed, String(value), path)
        case .string(let value): return observed.isString(value) || Self.isSameQuantity(observed, value, path)
        case .object(let members): return coversObject(observed, members, path)
        case .array(let elements): return coversList(observed, elements, path)
        }
    }

    /// Whether both are one quantity: the API server writes them in a form of its own.
    private static func isSameQuantity(_ observed: JSONValue, _ wanted: String, _ path: [String]) -> Bool {
        guard path.contains("resources"), let quantity = try? Quantity(wanted) else { return false }
        return observed.quantity == quantity
    }

    private mutating func coversObject(_ observed: JSONValue, _ members: [JSONTree.Member], _ path: [String]) -> Bool {
        guard observed.kind == .object else { return false }
        if Self.exactObjects.contains(path) {
            let names = Set(members.map(\.name))
            for (name, _) in observed.members where !names.contains(name) { remove(path + [name]) }
        }
        var isCovered = true
        // Each member is looked at: what is too much is noted on the way.
        for member in members where !covers(observed[member.name], member.value, path + [member.name]) { isCovered = false }
        return isCovered
    }

    private mutating func coversList(_ observed: JSONValue, _ wanted: [JSONTree], _ path: [String]) -> Bool {
        guard observed.kind == .array else { return false }
        let elements = observed.elements
        guard let key = path.last.flatMap({ Self.listKeys[$0] }) else {
            let isSame = elements.count == wanted.count && zip(elements, wanted).allSatisfy { covers($0, $1, path) }
            if !isSame, path == Self.replacedList {
                surplus.append(["op": "replace", "path": .string(Self.pointer(path)), "value": .array(wanted)])
            }
            return isSame
        }
        let keys = wanted.map { $0.text(of: key) }
        if Self.exactLists.contains(path) {
            for (place, element) in elements.enumerated().reversed() where !keys.contains(element[key]?.string) {
                remove(path + [String(place)])
            }
        }
        var isCovered = true
        for (element, name) in zip(wanted, keys) where !covers(elements.first { $0[key]?.string == name }, element, path) {
            isCovered = false
        }
        return isCovered
    }

    private mutating func remove(_ path: [String]) {
        surplus.append(["op": "remove", "path": .string(Self.pointer(path))])
    }

    private static func pointer(_ path: [String]) -> String {
        path.reduce(JSONPointer()) { $0.appending($1) }.description
    }
}

extension JSONTree {
    /// Whether the API server leaves such a value out.
    fileprivate var isEmptyValue: Bool {
        switch self {
        case .verbatim(let value): value.oneLevel.isEmptyValue
        case .null, .boolean(false), .integer(0), .string(""): true
        case .object(let members): members.allSatisfy { $0.value.isEmptyValue }
        case .array(let elements): elements.isEmpty
        default: false
        }
    }

    /// The text of a member.
    fileprivate func text(of name: String) -> String? {
        switch self {
        case .verbatim(let value): value[name]?.string
        case .object:
            if case .string(let text)? = self[name] { text } else { nil }
        default: nil
        }
    }
}

extension JSONValue {
    /// The value taken apart by one level. A number that is no integer becomes its text, as which quantities are compared.
    fileprivate var oneLevel: JSONTree {
        switch kind {
        case .null: .null
        case .boolean: .boolean(boolean ?? false)
        case .number: integer.map { .integer($0) } ?? .string(spelling)
        case .string: .string(string ?? "")
        case .array: .array(elements.map { .verbatim($0) })
        case .object: .object(members.map { .init(name: $0.name, value: .verbatim($0.value)) })
        }
    }
}
