import JSON
import NIOCore
import TestSupport

/// Inputs that are not whole bodies have a head in their first line, and one object in each line after it: so that chance need not
/// hit upon a whole review before it comes to the rules.
struct ObjectLines {
    let head: [UInt8]
    let objects: [ArraySlice<UInt8>]

    /// - Returns: nil when the first line is none of the heads, which makes the input a whole body.
    init?(_ input: [UInt8], isHead: ([UInt8]) -> Bool) {
        let lines = input.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard let first = lines.first, isHead(Array(first)) else { return nil }
        head = Array(first)
        objects = Array(lines.dropFirst())
    }
}

/// The versions of the API, as heads name them.
enum Version: UInt8 {
    case v1alpha1 = 97  // a
    case v1 = 49  // 1

    var name: String { self == .v1 ? "v1" : "v1alpha1" }
    var other: Version { self == .v1 ? .v1alpha1 : .v1 }

    /// Where an object has secrets in plain text.
    fileprivate var secrets: [[String]] {
        switch self {
        case .v1: [["spec", "credentials", "password"], ["spec", "azure", "clientSecret"]]
        case .v1alpha1:
            [
                ["spec", "deployment", "serverCredentials", "mysqlAdministratorLoginPassword"],
                ["spec", "deployment", "azureConfig", "clientSecret"]
            ]
        }
    }
}

enum ObjectLine {
    /// An object with the type that a review of it needs, whatever the input gives it; a line that is no object stays as it is.
    ///
    /// - Parameter secret: what stands in place of each secret that the object has.
    static func typed(_ line: ArraySlice<UInt8>, as version: Version, secret: String? = nil) -> ByteBuffer {
        let text = ByteBuffer(bytes: line)
        guard let object = try? JSONDocument(parsing: text).root, object.kind == .object else { return text }
        var writer = JSONWriter(capacity: line.count + 128)
        writer.beginObject()
        writer.name("apiVersion")
        writer.string("cache.my.domain/\(version.name)")
        writer.name("kind")
        writer.string("DBMMOMySQL")
        for member in object.memberSpans where !["apiVersion", "kind"].contains(member.name.string) {
            writer.verbatimName(member.name)
            writer.verbatim(member.value)
        }
        if object["metadata"] == nil {
            writer.name("metadata")
            writer.tree(.object([JSONTree.Member(name: "name", value: .string("orders"))]))
        }
        writer.endObject()
        guard let secret else { return writer.buffer }
        return version.secrets.reduce(writer.buffer) { text, path in
            guard let object = try? JSONDocument(parsing: text).root, object[path: path]?.string?.isEmpty == false else { return text }
            return ByteBuffer(string: object.setting(.string(secret), at: path).text)
        }
    }
}
