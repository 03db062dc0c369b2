import DBMMOMySQLAPI
public import JSON
public import KubernetesAPI
public import YAML

/// An object of a manifest.
public struct ManifestObject: Sendable {
    public let json: JSONValue
    /// The name of its file.
    public let file: String

    private let document: ManifestDocument
    /// Where it stands in its document.
    private let path: [String]

    init(_ json: JSONValue, at path: [String], of document: ManifestDocument, file: String) {
        self.json = json
        self.path = path
        self.document = document
        self.file = file
    }

    /// Where a field stands, or what is there of the way to it.
    public func position(of field: FieldPath) -> YAMLPosition {
        let names = field.elements.map { element in
            switch element {
            case .name(let name), .key(let name): name
            case .index(let index): String(index)
            }
        }
        return document.position(of: path + names)
    }

    /// Where the object begins.
    public var position: YAMLPosition { position(of: FieldPath()) }

    public var apiVersion: String? { json["apiVersion"]?.string }
    public var kind: String? { json["kind"]?.string }
    public var name: String? { json[path: ["metadata", "name"]]?.string }
    public var namespace: String? { json[path: ["metadata", "namespace"]]?.string.flatMap { $0.isEmpty ? nil : $0 } }

    /// Whether it is of our kind, in a version that is served or not.
    var isOurs: Bool {
        kind == ServedVersion.kind && apiVersion.map { $0.hasPrefix("\(ServedVersion.group)/") } == true
    }
}
