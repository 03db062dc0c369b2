import JSON
import NIOCore
import YAML

/// One document of a file, in YAML or JSON, with the place of each of its values.
struct ManifestDocument: Sendable {
    let root: JSONValue

    private let yaml: YAMLDocument?

    init(_ yaml: YAMLDocument) throws(JSONParseError) {
        root = try JSONDocument(parsing: yaml.json).root
        self.yaml = yaml
    }

    /// A document that is its file's whole text.
    init(json text: ByteBuffer) throws(JSONParseError) {
        root = try JSONDocument(parsing: text).root
        yaml = nil
    }

    /// Where a value stands, or what is there of the way to it.
    func position(of path: [String]) -> YAMLPosition {
        if let yaml { return yaml.position(of: JSONPointer(path)) }
        var value = root
        for name in path {
            guard let next = value.kind == .array ? Int(name).flatMap({ value.elements.dropFirst($0).first }) : value[name] else { break }
            value = next
        }
        return YAMLPosition(ofByte: value.byteOffset, in: root.documentText)
    }
}

extension YAMLPosition {
    /// The place of a byte of a text in UTF-8.
    init(ofByte offset: Int, in text: ByteBuffer) {
        self.init(line: 1, column: 1)
        for byte in text.readableBytesView.prefix(offset) {
            if byte == UInt8(ascii: "\n") {
                self = YAMLPosition(line: line + 1, column: 1)
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
    }
}
