import JSON
import NIOCore
import TestSupport
import YAML

/// The part of `docs/api.md` that follows from the custom resource definition: a table for each object of each version, in Markdown.
struct APIReference {
    private(set) var text = ""
    private let version: String

    /// Both versions, one after the other.
    static func text(of definition: JSONValue) -> String {
        (definition[path: ["spec", "versions"]]?.elements ?? []).map { APIReference($0).text }.joined(separator: "\n")
    }

    private init(_ served: JSONValue) {
        version = served["name"]?.string ?? ""
        let schema = served[path: ["schema", "openAPIV3Schema"]]
        let usage =
            [
                served["storage"]?.boolean == true ? "what is stored" : "served", served["deprecated"]?.boolean == true ? "deprecated" : nil
            ].compactMap { $0 }.joined(separator: ", ")
        text = "## \(version)\n\n`apiVersion: cache.my.domain/\(version)`: \(usage). \(schema?["description"]?.string ?? "")\n"
        for part in ["spec", "status"] {
            if let schema = schema?[path: ["properties", part]] { write(schema, at: part) }
        }
        text += "\n### \(version) in kubectl get\n\n| column | shows |\n|---|---|\n| NAME | Name of the object. |\n"
        for column in served["additionalPrinterColumns"]?.elements ?? [] {
            text += "| \(column["name"]?.string?.uppercased() ?? "") | \(Self.cell(column)) |\n"
        }
    }

    /// Writes a table for an object, and behind it those of the objects in it.
    private mutating func write(_ object: JSONValue, at path: String) {
        let fields = object["properties"]?.members ?? []
        text += "\n### \(version) \(path)\n\n\(object["description"]?.string ?? "")\n\n| field | type | |\n|---|---|---|\n"
        let required = Set(object["required"]?.elements.compactMap(\.string) ?? [])
        for field in fields {
            let name = required.contains(field.name) ? "`\(field.name)` (required)" : "`\(field.name)`"
            text += "| \(name) | \(typeName(field.value, at: "\(path).\(field.name)")) | \(meaning(of: field.value)) |\n"
        }
        for field in fields {
            let path = "\(path).\(field.name)"
            if field.value["properties"] != nil { write(field.value, at: path) }
            if let element = field.value["items"], element["properties"] != nil { write(element, at: "\(path)[]") }
        }
    }

    private func typeName(_ schema: JSONValue, at path: String) -> String {
        if schema["x-kubernetes-int-or-string"]?.boolean == true { return "quantity" }
        let type = schema["type"]?.string ?? ""
        switch type {
        case "object":
            if let value = schema["additionalProperties"] { return "map of \(typeName(value, at: path))" }
            return "[object](#\(anchor(of: path)))"
        case "array":
            guard let element = schema["items"] else { return "list" }
            return "list of \(typeName(element, at: "\(path)[]"))"
        default:
            return schema["format"]?.string.map { "\(type) (\($0))" } ?? type
        }
    }

    /// What it is, and what each of its elements or values is.
    private func meaning(of schema: JSONValue) -> String {
        let element = schema["additionalProperties"] ?? schema["items"].flatMap { $0["properties"] == nil ? $0 : nil }
        return ([schema] + [element].compactMap { $0 }).map(Self.cell).joined(separator: " Each: ")
    }

    /// A description in a cell of a table.
    private static func cell(_ schema: JSONValue) -> String {
        (schema["description"]?.string ?? "").replacing("|", with: "\\|")
    }

    /// As forges make it of a heading: small letters, hyphens for spaces, no punctuation.
    private func anchor(of path: String) -> String {
        "\(version)-\(String(path.lowercased().filter { $0.isLetter || $0.isNumber }))"
    }
}
