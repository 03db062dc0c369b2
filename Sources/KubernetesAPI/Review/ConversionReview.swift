public import JSON
public import NIOCore

/// A question of the API server to a conversion webhook (`ConversionReview` of `apiextensions.k8s.io`): give these objects in
/// another version.
public struct ConversionReview: Sendable {
    /// Repeated in the answer.
    public let apiVersion: String

    /// Identifies the request; the answer repeats it.
    public let uid: String
    public let desiredAPIVersion: APIVersion

    /// Outlines of the objects, which may be thousands: each is read when its turn comes.
    private let objects: [JSONValue]
    private let maximumDepth: Int

    /// The levels of nesting around an object: the review, its request, the list.
    private static let depthOfObjects = 3

    public var objectCount: Int { objects.count }

    /// Reads the body of a call, apart from what is in the objects.
    ///
    /// - Parameter maximumDepth: levels of nesting that are accepted.
    public init(parsing body: ByteBuffer, maximumDepth: Int = JSONDocument.defaultMaximumDepth) throws(ReviewError) {
        self.maximumDepth = maximumDepth
        let envelope = try ReviewEnvelope(
            kind: "ConversionReview", apiVersions: ["apiextensions.k8s.io/v1", "apiextensions.k8s.io/v1beta1"]
        ) { () throws(JSONParseError) in try JSONDocument(outlining: body, depth: Self.depthOfObjects) }
        apiVersion = envelope.apiVersion
        uid = envelope.uid
        let desired = try envelope.request.requiredString("desiredAPIVersion")
        guard let version = APIVersion(desired) else {
            throw .malformedAPIVersion(field: envelope.request.path(to: "desiredAPIVersion"), value: desired)
        }
        desiredAPIVersion = version
        let list = try envelope.request.requiredObjects("objects")
        objects = list.elements
        for value in envelope.root.outlined(outside: list) { _ = try read(value) }
    }

    /// The answer with every object converted, or, when one of them cannot be, a failure that names it.
    ///
    /// The objects go straight into the body, so that nothing but the body itself grows with their number.
    ///
    /// - Parameter convert: writes one object in the desired version, as exactly one JSON value.
    /// - Throws: when the body turns out not to be JSON.
    public func answer(
        _ convert: (_ writer: inout JSONWriter, _ object: JSONValue, _ index: Int) throws(ConversionFailure) -> Void
    ) throws(ReviewError) -> ConversionAnswer {
        let size = objects.reduce(256) { $0 + $1.byteCount + 1 }
        guard JSONMemory.current?.reserve(size) != false else { throw .malformedJSON(JSONParseError(reason: .noRoom, byteOffset: 0)) }
        var writer = beginAnswer(capacity: size)
        writer.name("convertedObjects")
        writer.beginArray()
        for (index, outline) in objects.enumerated() {
            let object = try read(outline)
            do {
                try convert(&writer, object, index)
            } catch {
                return answer(failure: ConversionFailure("objects[\(index)] \(Self.name(of: object)): \(error.message)"))
            }
        }
        writer.endArray()
        writer.name("result")
        writer.beginObject()
        writer.member("status", "Success")
        writer.endObject()
        return Self.endAnswer(&writer, failure: nil)
    }

    private func read(_ outline: JSONValue) throws(ReviewError) -> JSONValue {
        do {
            return try outline.expanded(maximumDepth: maximumDepth - Self.depthOfObjects)
        } catch {
            guard case .tooDeep = error.reason else { throw .malformedJSON(error) }
            throw .malformedJSON(JSONParseError(reason: .tooDeep(limit: maximumDepth), byteOffset: error.byteOffset))
        }
    }

    /// The answer when the request as a whole cannot be served.
    public func answer(failure: ConversionFailure) -> ConversionAnswer {
        var writer = beginAnswer(capacity: 512)
        writer.name("result")
        writer.beginObject()
        writer.member("status", "Failure")
        writer.member("message", failure.message)
        writer.endObject()
        return Self.endAnswer(&writer, failure: failure)
    }

    private func beginAnswer(capacity: Int) -> JSONWriter {
        var writer = JSONWriter(capacity: capacity)
        writer.beginObject()
        writer.member("kind", "ConversionReview")
        writer.member("apiVersion", apiVersion)
        writer.name("response")
        writer.beginObject()
        writer.member("uid", uid)
        return writer
    }

    /// The writer is not handed over, since a second reference to its buffer would cost a copy of it.
    private static func endAnswer(_ writer: inout JSONWriter, failure: ConversionFailure?) -> ConversionAnswer {
        writer.endObject()
        writer.endObject()
        return ConversionAnswer(body: writer.buffer, failure: failure)
    }

    /// `"namespace/name"`, as far as the object tells.
    private static func name(of object: JSONValue) -> String {
        let parts = ["namespace", "name"].compactMap { object[path: ["metadata", $0]]?.string }
        return FieldError.quoted(parts.filter { !$0.isEmpty }.joined(separator: "/"))
    }
}

/// Why an object, or a whole request, cannot be converted.
public struct ConversionFailure: Error, Sendable, Equatable, CustomStringConvertible {
    public let message: String

    public init(_ message: String) {
        self.message = message
    }

    public var description: String { message }
}

/// The answer to a ``ConversionReview``.
public struct ConversionAnswer: Sendable {
    public let body: ByteBuffer

    /// What the answer says when it is no success.
    public let failure: ConversionFailure?
}
