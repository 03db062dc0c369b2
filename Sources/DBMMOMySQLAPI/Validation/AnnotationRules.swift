import JSON
import KubernetesAPI

/// M2: the annotation that conversion reads.
extension Rule {
    /// Conversion drops what is wrong there, one member at a time, so that no object is in the way of others. Here the user is told, before
    /// anything is dropped. A fault that the old object had too is only worth a warning.
    static let annotationRules: [Rule] = [
        .transition(.m2) { change in
            // Annotations that are no text are the API server's to refuse.
            guard let text = change.new.conversionData?.string else { return [] }
            let check = ConversionDataCheck(text)
            guard !check.faults.isEmpty else { return [] }
            let old = change.old?.conversionData?.string.map(ConversionDataCheck.init)
            return findings(check.faults, before: old?.faults ?? [])
        },

        .transition(.m2) { change in
            guard let size = KeptSize.bytes(of: change.new), size > KeptSize.limit else { return [] }
            // One that is too large already may be touched, and become smaller.
            if let old = change.old, let before = KeptSize.bytes(of: old), size <= before { return [] }
            let error = FieldError.tooLong(FieldPath("metadata", "annotations"), maximumLength: KeptSize.limit)
            let detail =
                "\(error.detail); in v1alpha1 there are \(size) bytes, with what that version has no field for. Make the spec or annotations smaller"
            return [.violation(error.moved(to: error.field, detail: detail))]
        }
    ]

    /// How many faults are told of one by one.
    private static let maximumTold = 10

    private static let annotation = FieldPath("metadata", "annotations").appending(key: ServedVersion.conversionDataAnnotation)

    private static func findings(_ faults: [ConversionDataCheck.Fault], before: [ConversionDataCheck.Fault]) -> [Finding] {
        let known = Dictionary(before.map { ($0.path, $0) }) { first, _ in first }
        var findings = faults.prefix(maximumTold).map { fault in
            let isOld = known[fault.path].map(fault.isSame(as:)) ?? false
            return isOld || fault.isHarmless ? Finding.warning(annotation, fault.note) : .violation(fault.error(at: annotation))
        }
        if faults.count > maximumTold {
            let isOld = faults.dropFirst(maximumTold).allSatisfy { $0.isHarmless || known[$0.path].map($0.isSame(as:)) ?? false }
            let text = "has \(faults.count - maximumTold) more faults"
            findings.append(isOld ? .warning(annotation, text) : .violation(.forbidden(annotation, text)))
        }
        return findings
    }
}

/// What is wrong with a text that stands in the annotation.
struct ConversionDataCheck {
    struct Fault {
        enum Problem {
            case unreadable(JSONParseError)
            case wrongType(expected: String)
            case foreign(expected: String)
            /// The API server drops it, unless its definition is newer than this code.
            case unknown(ServedVersion)
        }

        let problem: Problem
        /// The place in the annotation, as `v1.spec.version`; empty for all of it.
        let path: String
        let value: JSONValue?
    }

    private(set) var faults: [Fault] = []

    init(_ text: String) {
        let root: JSONValue
        do {
            root = try JSONDocument(parsing: text).root
        } catch {
            faults = [Fault(problem: .unreadable(error), path: "", value: nil)]
            return
        }
        let names = ServedVersion.allCases.map(\.rawValue).sorted().joined(separator: " and ")
        eachMember(of: root, at: FieldPath()) { name, value, path, faults in
            if let version = ServedVersion(rawValue: name) {
                faults.checkVersion(version, value, at: path)
            } else if name != ConversionData.annotationsName {
                faults.add(.foreign(expected: names), path, value)
            } else if !ConversionData.isNothing(value) {
                faults.add(.wrongType(expected: "empty object"), path, value)
            }
        }
    }

    private mutating func checkVersion(_ version: ServedVersion, _ content: JSONValue, at path: FieldPath) {
        eachMember(of: content, at: path) { name, value, path, faults in
            if name == ConversionData.specName {
                faults.check(value, .spec(of: version), along: [name], of: version, at: path)
            } else {
                faults.add(.foreign(expected: "\(ConversionData.specName)"), path, value)
            }
        }
    }

    private mutating func check(
        _ value: JSONValue, _ schema: Schema, along names: [String], of version: ServedVersion, at path: FieldPath
    ) {
        if version == .v1, names == FieldCorrespondence.listInV1 { return checkList(value, schema, along: names, at: path) }
        switch schema {
        case .object, .map:
            eachMember(of: value, at: path) { name, value, path, faults in
                if let member = schema.member(name) {
                    faults.check(value, member, along: names + [name], of: version, at: path)
                } else {
                    faults.add(.unknown(version), path, value)
                }
            }
        case .list(let element) where value.kind == .array:
            for (index, item) in value.elements.enumerated() {
                check(item, element, along: names + [String(index)], of: version, at: path.appending(index: index))
            }
        case .list, .string, .boolean, .integer, .int32, .integerOrString:
            if !schema.accepts(value) { add(.wrongType(expected: schema.name + Self.width(schema, value)), path, value) }
        }
    }

    /// What is wrong with an integer is its size.
    private static func width(_ schema: Schema, _ value: JSONValue) -> String {
        guard value.typeName == "integer" else { return "" }
        return switch schema {
        case .int32: " of 32 bits"
        case .integer, .integerOrString: " of 64 bits"
        case .string, .boolean, .list, .map, .object: ""
        }
    }

    /// The list whose elements stand under their indices. Only an empty one stands as a list.
    private mutating func checkList(_ value: JSONValue, _ schema: Schema, along names: [String], at path: FieldPath) {
        if value.kind == .array, value.isEmptyContainer { return }
        eachMember(of: value, at: path) { name, value, path, faults in
            guard ConvertedObject.index(name) != nil, let element = schema.member(name) else {
                return faults.add(.foreign(expected: "indices"), path, value)
            }
            faults.check(value, element, along: names + [name], of: .v1, at: path)
        }
    }

    /// Does something with each member that is not null, which is as good as absent.
    private mutating func eachMember(
        of value: JSONValue, at path: FieldPath, _ body: (String, JSONValue, FieldPath, inout ConversionDataCheck) -> Void
    ) {
        if value.isNull && !path.elements.isEmpty { return }
        guard value.kind == .object else { return add(.wrongType(expected: "object"), path, value) }
        for member in value.members where !member.value.isNull {
            body(member.name, member.value, path.appending(member.name), &self)
        }
    }

    private mutating func add(_ problem: Fault.Problem, _ path: FieldPath, _ value: JSONValue) {
        faults.append(Fault(problem: problem, path: path.description, value: value))
    }
}

extension ConversionDataCheck.Fault {
    var isHarmless: Bool {
        if case .unknown = problem { true } else { false }
    }

    /// Whether this is the fault of another annotation too.
    func isSame(as other: ConversionDataCheck.Fault) -> Bool {
        switch (value, other.value) {
        case (nil, nil): true
        case (let value?, let other?): value.isEquivalent(to: other)
        default: false
        }
    }

    /// The place is shown as the bad value. The value itself may be a secret, and is not shown.
    func error(at field: FieldPath) -> FieldError {
        let place = FieldError.quoted(path.isEmpty ? "the annotation" : path)
        return switch problem {
        case .unreadable(let error):
            .invalid(field, value: place, "must be JSON: \(error); remove it, dbmmo writes it itself where it is needed")
        case .wrongType(let expected):
            .typeInvalid(field, value: place, "must be of type \(expected), not \(value?.typeName ?? ""); correct or remove it")
        case .foreign(let expected):
            .invalid(field, value: place, "nothing but \(expected) is read there; remove it")
        case .unknown(let version):
            .invalid(field, value: place, "\(version) has no such field; remove it")
        }
    }

    /// The same in the few words of a warning.
    var note: String {
        let place = path.isEmpty ? "" : "\(FieldError.quoted(path)): "
        return switch problem {
        case .unreadable: "is not JSON, and is ignored"
        case .wrongType(let expected): "\(place)ignored, not of type \(expected)"
        case .foreign: "\(place)ignored"
        case .unknown(let version): "\(place)no field of \(version)"
        }
    }
}
