import DBMMOMySQLAPI
import JSON
import Manifests
import NIOCore
import YAML

/// What holds of every text that is read as manifests.
public enum ManifestProperties {
    public static func check(_ input: [UInt8]) throws(BrokenProperty) {
        let text = ByteBuffer(bytes: input)
        try checkReading(text)
        try checkCommands(ManifestFile(name: "input.yaml", text: text))
    }

    /// Each document is JSON, and reads the same when it is written as YAML.
    private static func checkReading(_ text: ByteBuffer) throws(BrokenProperty) {
        guard let reader = try? YAMLDocuments(reading: text) else { return }
        while let document = try? reader.next() {
            let json = try parsed(document.json)
            var writer = YAMLWriter()
            writer.document(json)
            let written = String(buffer: writer.buffer)
            let again = try demand(
                try? YAMLDocuments(reading: writer.buffer).next(), "cannot be read again: \(json.spelling)\n\(written)")
            try demand(
                isSame(try parsed(again.json), json),
                "\(json.spelling)\nis written as\n\(written)\nand reads as \(String(buffer: again.json))")
        }
    }

    private static func parsed(_ text: ByteBuffer) throws(BrokenProperty) -> JSONValue {
        try demand(try? JSONDocument(parsing: text).root, "not JSON: \(String(buffer: text))")
    }

    /// Minus zero is written as an integer, which has no sign then.
    private static func isSame(_ one: JSONValue, _ other: JSONValue) -> Bool {
        switch (one.kind, other.kind) {
        case (.array, .array):
            let (mine, others) = (one.elements, other.elements)
            return mine.count == others.count && zip(mine, others).allSatisfy { isSame($0, $1) }
        case (.object, .object):
            let (mine, others) = (one.members, other.members)
            return mine.count == others.count
                && zip(mine, others).allSatisfy { $0.name.utf8.elementsEqual($1.name.utf8) && isSame($0.value, $1.value) }
        case (.number, .number): return one.spelling == other.spelling || (one.spelling == "0" && other.spelling == "-0")
        default: return one.isEquivalent(to: other)
        }
    }

    /// Every command ends, and counts each object once.
    private static func checkCommands(_ file: ManifestFile) throws(BrokenProperty) {
        let report = CheckReport([file], replacing: [file], namespace: "default")
        let places = report.faults.map(\.position) + report.checks.flatMap { $0.findings.map(\.position) }
        try demand(places.allSatisfy { $0.line >= 1 && $0.column >= 1 }, "no place: \(places)")
        try demand(report.summary.objects == report.summary.refused + report.summary.warned + report.summary.good, "\(report.summary)")
        _ = try parsed(ByteBuffer(string: report.json))
        for version in ServedVersion.allCases {
            let conversion = ManifestConversion([file], to: version)
            _ = try parsed(conversion.output(.json))
            _ = conversion.output(.yaml)
        }
    }
}
