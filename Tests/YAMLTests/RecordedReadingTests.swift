import JSON
import NIOCore
import TestSupport
import Testing
import YAML

/// `Fixtures/kubectl` holds documents and what kubectl makes of them: `kubectl patch --local --type merge -p '{}' -o json -f`. The end-to-end tests
/// ask a real kubectl again. `Fixtures/python` holds what kubectl cannot read, and what PyYAML makes of that, as a list of documents.
@Suite("tricky documents")
struct RecordedReadingTests {
    static let kubectl = FixtureFolder("Fixtures/kubectl")
    static let python = FixtureFolder("Fixtures/python")

    @Test("a document reads as kubectl reads it", arguments: yamlFiles(kubectl))
    func asKubectl(file: String) throws {
        let read = try documents(ByteBuffer(bytes: Self.kubectl.bytes(of: file)))
        #expect(read.count == 1)
        let document = try #require(read.first)
        let ours = try JSONDocument(parsing: document.json).root
        let theirs = try Self.recorded(for: file, in: Self.kubectl)
        for (name, value) in theirs.members {
            let mine = try #require(ours[name], "\(file): \(name)")
            #expect(mine.reads(as: value), "\(file): \(name): \(mine.spelling)")
        }
        #expect(ours.members.count == theirs.members.count)
    }

    @Test("a stream reads as PyYAML reads it", arguments: yamlFiles(python))
    func asPython(file: String) throws {
        let read = try documents(ByteBuffer(bytes: Self.python.bytes(of: file)))
        let texts = read.map { String(buffer: $0.json) }
        let ours = try JSONDocument(parsing: "[\(texts.joined(separator: ","))]").root
        #expect(ours.reads(as: try Self.recorded(for: file, in: Self.python)), "\(file): \(ours.spelling)")
    }

    @Test("there are documents of both kinds")
    func complete() {
        #expect(Self.yamlFiles(Self.kubectl).count >= 7)
        #expect(Self.yamlFiles(Self.python).count >= 6)
    }

    private static func yamlFiles(_ folder: FixtureFolder) -> [String] {
        folder.names.filter { $0.hasSuffix(".yaml") }
    }

    private static func recorded(for file: String, in folder: FixtureFolder) throws -> JSONValue {
        try JSONDocument(parsing: ByteBuffer(bytes: try folder.bytes(of: file.replacing(".yaml", with: ".json")))).root
    }
}
