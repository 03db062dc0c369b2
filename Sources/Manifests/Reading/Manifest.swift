import DBMMOMySQLAPI
import JSON
import KubernetesAPI
import NIOCore
public import YAML

/// What a file holds: its objects, those in lists one by one, and what of it cannot be read.
public struct Manifest: Sendable {
    /// Something that is no object, or no YAML.
    public struct Fault: Sendable, Equatable, CustomStringConvertible {
        public let file: String
        public let position: YAMLPosition
        public let message: String

        /// As compilers tell such things: `file:line: error: message`.
        public var description: String {
            "\(file):\(position.line): error: \(PrintableText.escaping(message, quotes: false, maximumLength: .max))"
        }
    }

    public private(set) var objects: [ManifestObject] = []
    public private(set) var faults: [Fault] = []

    private let file: ManifestFile

    /// Documents without content are passed over.
    public init(_ file: ManifestFile) {
        self.file = file
        // As kubectl tells the two apart. YAML in braces is no JSON, though.
        guard ManifestTexts.beginsWithBrace(file.text) else {
            readYAML()
            return
        }
        guard let fault = readJSON() else { return }
        if file.name.hasSuffix(".json") {
            faults.append(fault)
        } else {
            (objects, faults) = ([], [])
            readYAML()
        }
    }

    /// Reads JSON values, one behind the other.
    ///
    /// - Returns: What is no JSON.
    private mutating func readJSON() -> Fault? {
        let lines = LineIndex(file.text)
        for (offset, text) in ManifestTexts.json(file.text) {
            do throws(JSONParseError) {
                add(try ManifestDocument(json: text, at: offset, lines))
            } catch {
                let place = JSONParseError(reason: error.reason, byteOffset: offset + error.byteOffset)
                return Fault(file: file.name, position: lines.position(ofByte: place.byteOffset), message: "\(place)")
            }
        }
        return nil
    }

    private mutating func readYAML() {
        for (firstLine, text) in ManifestTexts.yaml(file.text) {
            do throws(YAMLError) {
                let reader = try YAMLDocuments(reading: text, firstLine: firstLine)
                guard let document = try reader.next() else { continue }
                do throws(JSONParseError) {
                    add(try ManifestDocument(document))
                } catch {
                    faults.append(Fault(file: file.name, position: document.position, message: "\(error)"))
                }
                if let next = try reader.next() {
                    let message = "kubectl passes over this document: it takes only --- alone in a line for the end of the one before"
                    faults.append(Fault(file: file.name, position: next.position, message: message))
                }
            } catch {
                faults.append(Fault(file: file.name, position: error.position, message: error.message))
            }
        }
    }

    private mutating func add(_ document: ManifestDocument) {
        if !document.root.isNull { add(document.root, at: [], of: document) }
    }

    private mutating func add(_ value: JSONValue, at path: [String], of document: ManifestDocument) {
        let fault: String
        if value.kind != .object {
            fault = "not an object"
        } else if value["kind"]?.string?.isEmpty ?? true {
            fault = "an object without kind"
        } else if value["apiVersion"]?.string?.isEmpty ?? true {
            fault = "an object without apiVersion"
        } else if Self.isList(value) {
            for (index, item) in (value["items"]?.elements ?? []).enumerated() {
                add(Self.typed(item, in: value), at: path + ["items", String(index)], of: document)
            }
            return
        } else {
            objects.append(ManifestObject(value, at: path, of: document, file: file.name))
            return
        }
        faults.append(Fault(file: file.name, position: document.position(of: path), message: fault))
    }

    private static func isList(_ object: JSONValue) -> Bool {
        guard let apiVersion = object["apiVersion"]?.string, let kind = object["kind"]?.string else { return false }
        return (kind == "List" && apiVersion == "v1")
            || (kind == ServedVersion.kind + "List" && apiVersion.hasPrefix("\(ServedVersion.group)/"))
    }

    /// An item of a list of one kind need not say what it is.
    private static func typed(_ item: JSONValue, in list: JSONValue) -> JSONValue {
        guard list["kind"]?.string != "List", item.kind == .object, item["kind"] == nil, item["apiVersion"] == nil else { return item }
        var writer = JSONWriter(capacity: item.byteCount + 64)
        writer.beginObject()
        writer.member("apiVersion", list["apiVersion"]?.string ?? "")
        writer.member("kind", ServedVersion.kind)
        for member in item.memberSpans {
            writer.verbatimName(member.name)
            writer.verbatim(member.value)
        }
        writer.endObject()
        return (try? JSONDocument(parsing: writer.buffer).root) ?? item
    }
}
