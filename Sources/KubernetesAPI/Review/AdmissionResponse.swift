public import JSON

/// What is said to an ``AdmissionRequest`` (`AdmissionResponse` of `admission.k8s.io`).
public struct AdmissionResponse: Sendable {
    /// The Unicode scalars of a warning that the API server passes on for sure. Longer ones are cut.
    public static let maximumWarningLength = 120

    public var uid: String
    public var allowed: Bool

    /// Why it is not allowed.
    public var status: Status?

    /// One line each, shown to whoever made the request.
    public var warnings: [String]

    /// What a mutating webhook changes; an empty patch is the same as none.
    public var patch: JSONPatch?

    /// For the API server's audit log.
    public var auditAnnotations: [(name: String, value: String)]

    public init(
        uid: String, allowed: Bool, status: Status? = nil, warnings: [String] = [], patch: JSONPatch? = nil,
        auditAnnotations: [(name: String, value: String)] = []
    ) {
        self.uid = uid
        self.allowed = allowed
        self.status = status
        self.warnings = warnings
        self.patch = patch
        self.auditAnnotations = auditAnnotations
    }
}

extension JSONWriter {
    mutating func admissionResponse(_ response: AdmissionResponse) {
        beginObject()
        name("uid")
        string(response.uid)
        name("allowed")
        boolean(response.allowed)
        if let status = response.status {
            name("status")
            self.status(status)
        }
        if let patch = response.patch, !patch.isEmpty {
            var text = JSONWriter()
            text.patch(patch)
            name("patch")
            string(Base64.encoded(text.buffer))
            name("patchType")
            string("JSONPatch")
        }
        if !response.auditAnnotations.isEmpty {
            name("auditAnnotations")
            beginObject()
            for annotation in response.auditAnnotations {
                name(annotation.name)
                string(annotation.value)
            }
            endObject()
        }
        if !response.warnings.isEmpty {
            name("warnings")
            beginArray()
            for warning in response.warnings {
                // A warning travels in an HTTP header.
                string(PrintableText.truncated(PrintableText.singleLine(warning), maximumLength: AdmissionResponse.maximumWarningLength))
            }
            endArray()
        }
        endObject()
    }
}
