public import JSON
public import NIOCore

/// A question of the API server to a validating or mutating webhook (`AdmissionReview` of `admission.k8s.io`).
public struct AdmissionReview: Sendable {
    /// Repeated in the answer.
    public let apiVersion: String
    public let request: AdmissionRequest

    /// Reads the body of a call. What identifies request and answer must be there; what the API server may leave out may be absent;
    /// what is there must have its type.
    ///
    /// - Parameter maximumDepth: levels of nesting that are accepted.
    public init(parsing body: ByteBuffer, maximumDepth: Int = JSONDocument.defaultMaximumDepth) throws(ReviewError) {
        let envelope = try ReviewEnvelope(
            kind: "AdmissionReview", apiVersions: ["admission.k8s.io/v1", "admission.k8s.io/v1beta1"]
        ) { () throws(JSONParseError) in try JSONDocument(parsing: body, maximumDepth: maximumDepth) }
        apiVersion = envelope.apiVersion
        request = try AdmissionRequest(uid: envelope.uid, fields: envelope.request)
    }

    /// The body of the answer.
    public func answer(_ response: AdmissionResponse) -> ByteBuffer {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("kind", "AdmissionReview")
        writer.member("apiVersion", apiVersion)
        writer.name("response")
        writer.admissionResponse(response)
        writer.endObject()
        return writer.buffer
    }
}
