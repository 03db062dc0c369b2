import JSON
import NIOCore
import YAML

/// One document of a file, in YAML or JSON, with the place of each of its values.
struct ManifestDocument: Sendable {
    let root: JSONValue

    private let places: Places

    private enum Places {
        case yaml(YAMLDocument)
        /// - Parameter offset: Of the document in the file.
        case json(LineIndex, offset: Int)
    }

    init(_ yaml: YAMLDocument) throws(JSONParseError) {
        root = try JSONDocument(parsing: yaml.json).root
        places = .yaml(yaml)
    }

    /// - Parameters:
    ///   - offset: Where the document begins in its file.
    ///   - lines: Of the file.
    init(json text: ByteBuffer, at offset: Int, _ lines: LineIndex) throws(JSONParseError) {
        root = try JSONDocument(parsing: text).root
        places = .json(lines, offset: offset)
    }

    /// Where a value stands, or what is there of the way to it.
    func position(of path: [String]) -> YAMLPosition {
        switch places {
        case .yaml(let document): document.position(of: JSONPointer(path))
        case .json(let lines, let offset): lines.position(ofByte: offset + value(at: path).byteOffset)
        }
    }

    /// The value at the end of a path, or the last one on the way that is there.
    private func value(at path: [String]) -> JSONValue {
        var value = root
        for name in path {
            guard let next = value.kind == .array ? Int(name).flatMap({ value.elements.dropFirst($0).first }) : value[name] else { break }
            value = next
        }
        return value
    }
}
