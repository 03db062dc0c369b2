public import DBMMOMySQLAPI
import JSON
public import NIOCore
import YAML

/// Objects of some files in another version. Objects of other kinds stay as they are, in their places.
public struct ManifestConversion: Sendable {
    public enum Format: String, Sendable, CaseIterable {
        case yaml, json
    }

    /// Why it cannot be done; empty when it can.
    public private(set) var faults: [Manifest.Fault] = []

    private var objects: [JSONValue] = []

    public init(_ files: [ManifestFile], to version: ServedVersion) {
        for file in files {
            let manifest = Manifest(file)
            faults += manifest.faults
            for object in manifest.objects {
                do throws(ConversionError) {
                    objects.append(try Self.convert(object, to: version))
                } catch {
                    faults.append(Manifest.Fault(file: object.file, position: object.position, message: "\(error)"))
                }
            }
        }
    }

    private static func convert(_ object: ManifestObject, to version: ServedVersion) throws(ConversionError) -> JSONValue {
        guard object.isOurs else { return object.json }
        var writer = JSONWriter(capacity: object.json.byteCount)
        try Conversion.write(object.json, as: version, into: &writer)
        let converted = try Conversion.reading(writer)
        return try Conversion.reading(.object(inUsualOrder(converted)))
    }

    /// The order in which people write and read an object.
    private static func inUsualOrder(_ object: JSONValue) -> [JSONTree.Member] {
        let order = ["apiVersion", "kind", "metadata", "spec", "status"]
        let rank = { (name: String) in order.firstIndex(of: name) ?? order.count }
        return object.members.enumerated().sorted { (rank($0.element.name), $0.offset) < (rank($1.element.name), $1.offset) }
            .map { .init(name: $0.element.name, value: .verbatim($0.element.value)) }
    }

    /// The objects: YAML documents, or JSON, which is a `List` when there is more than one object.
    public func output(_ format: Format) -> ByteBuffer {
        switch format {
        case .yaml:
            var writer = YAMLWriter()
            for object in objects { writer.document(object) }
            return writer.buffer
        case .json:
            var writer = JSONWriter()
            if let object = objects.first, objects.count == 1 {
                writer.verbatim(object)
            } else {
                writer.beginObject()
                writer.member("apiVersion", "v1")
                writer.member("kind", "List")
                writer.name("items")
                writer.beginArray()
                for object in objects { writer.verbatim(object) }
                writer.endArray()
                writer.endObject()
            }
            var text = writer.buffer
            text.writeString("\n")
            return text
        }
    }
}
