import JSON
import NIOCore
import TestSupport

/// What holds of every answer of `/convert`, whatever is asked.
///
/// An input is a body; or its first line is a version, `1` or `a`, and each line after it an object of that version, all of which
/// are to be converted to the other one.
public enum ConversionProperties {
    public static func check(_ input: [UInt8]) throws(BrokenProperty) {
        guard let lines = ObjectLines(input, isHead: { version($0) != nil }), let version = version(lines.head) else {
            try check(body: ByteBuffer(bytes: input))
            return
        }
        try check(body: review(of: lines.objects.map { ObjectLine.typed($0, as: version) }, to: "cache.my.domain/\(version.other.name)"))
    }

    private static let annotation = "cache.my.domain/conversion-data"

    private static func version(_ head: [UInt8]) -> Version? {
        head.count == 1 ? head.first.flatMap(Version.init) : nil
    }

    private static func check(body: ByteBuffer) throws(BrokenProperty) {
        let objects: [JSONValue]
        let desired: String?
        (objects, desired) = asked(body)
        let answer = try Webhook().post("/convert", body)
        guard answer.code == 200 else { return }
        guard let converted = try self.converted(answer) else { return }

        try demand(converted.count == objects.count, "\(objects.count) objects become \(converted.count): \(answer.text)")
        for (object, result) in zip(objects, converted) {
            let isWhole =
                result["apiVersion"]?.string == desired && result["kind"]?.string == "DBMMOMySQL" && result["metadata"]?.kind == .object
            // What is of the version already passes as it is.
            try demand(isWhole || object["apiVersion"]?.string == desired, "an API server refuses \(result.spelling)")
            let back = try Webhook().post("/convert", review(of: [result.text], to: object["apiVersion"]?.string ?? ""))
            // What is nested as deep as a review can be does not fit into another one.
            guard back.code == 200 else { continue }
            let again = try demand(try self.converted(back)?.first, "cannot be converted back: \(back.text)")
            guard isPlain(object["metadata"]) else { continue }
            if isAccepted(object) {
                try demand(again.isEquivalent(to: object), "\(object.spelling)\nbecomes \(result.spelling)\nand then \(again.spelling)")
            } else {
                try checkIsSettled(again, as: object["apiVersion"]?.string ?? "", desired ?? "")
            }
        }
    }

    /// What a schema refuses may be lost on the first way there and back, and on no other.
    private static func checkIsSettled(_ object: JSONValue, as version: String, _ other: String) throws(BrokenProperty) {
        let there = try Webhook().post("/convert", review(of: [object.text], to: other))
        guard there.code == 200, let result = try converted(there)?.first else { return }
        let back = try Webhook().post("/convert", review(of: [result.text], to: version))
        guard back.code == 200 else { return }
        let again = try demand(try converted(back)?.first, "cannot be converted back: \(back.text)")
        try demand(again.isEquivalent(to: object), "\(object.spelling)\nbecomes \(result.spelling)\nand then \(again.spelling)")
    }

    /// Whether the schema knows all members of an object and accepts their values. Integers that need more than 32 bits are not looked into.
    private static func isAccepted(_ object: JSONValue) -> Bool {
        let version = object["apiVersion"]?.string == "cache.my.domain/v1" ? "v1" : "v1alpha1"
        guard case .object(let parts) = ObjectSchema.of(version: version),
            Set(object.members.map(\.name)).isSubset(of: parts.map(\.name) + ["apiVersion", "kind", "metadata"])
        else { return false }
        return parts.allSatisfy { part in
            object[part.name].map { ObjectSchema.firstMismatch(of: $0, with: part.schema, at: part.name) == nil && isNarrow($0) } ?? true
        }
    }

    private static func isNarrow(_ value: JSONValue) -> Bool {
        switch value.kind {
        case .object: value.members.allSatisfy { isNarrow($0.value) }
        case .array: value.elements.allSatisfy(isNarrow)
        case .number: value.integer.flatMap(Int32.init(exactly:)) != nil
        default: true
        }
    }

    /// The objects of an answer; nil when it is a failure.
    private static func converted(_ answer: Webhook.Answer) throws(BrokenProperty) -> [JSONValue]? {
        switch answer.response?[path: ["result", "status"]]?.string {
        case "Success":
            return try demand(answer.response?["convertedObjects"], "success without objects: \(answer.text)").elements
        case "Failure":
            let isWhole = answer.response?[path: ["result", "message"]]?.string?.isEmpty == false
            try demand(isWhole && answer.response?["convertedObjects"] == nil, "failure without a reason: \(answer.text)")
            return nil
        default:
            throw BrokenProperty(description: "neither success nor failure: \(answer.text)")
        }
    }

    private static func asked(_ body: ByteBuffer) -> (objects: [JSONValue], version: String?) {
        guard let request = try? JSONDocument(parsing: body).root["request"] else { return ([], nil) }
        return (request["objects"]?.elements ?? [], request["desiredAPIVersion"]?.string)
    }

    /// Whether metadata is what an API server sends, and does not carry data of an earlier conversion.
    private static func isPlain(_ metadata: JSONValue?) -> Bool {
        guard let metadata, metadata.kind == .object else { return false }
        return metadata["annotations"]?[annotation] == nil
    }

    private static func review(of objects: [ByteBuffer], to version: String) -> ByteBuffer {
        var body = ByteBuffer(
            string: #"{"kind":"ConversionReview","apiVersion":"apiextensions.k8s.io/v1","request":{"uid":"c-1","desiredAPIVersion":""#)
        body.writeString("\(version)\",\"objects\":[")
        for (index, object) in objects.enumerated() {
            if index > 0 { body.writeString(",") }
            body.writeImmutableBuffer(object)
        }
        body.writeString("]}}")
        return body
    }
}
