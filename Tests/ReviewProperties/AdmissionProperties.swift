import JSON
import NIOCore
import TestSupport

/// What holds of every answer of `/validate` and `/mutate`, whatever is asked.
///
/// An input is a body; or its first line is a head as `U1a` (the operation `C`, `U` or `D`; the object's version and that of the
/// user, `1` or `a`) and the next two lines are an object and an old object, for which a body is made.
public enum AdmissionProperties {
    public static func check(_ input: [UInt8]) throws(BrokenProperty) {
        guard let lines = ObjectLines(input, isHead: { MadeReview.Head($0) != nil }), let head = MadeReview.Head(lines.head) else {
            let webhook = Webhook()
            let body = ByteBuffer(bytes: input)
            try check(verdict: try webhook.post("/validate", body))
            _ = try patch(in: try webhook.post("/mutate", body))
            return
        }
        let (first, second) = (lines.objects.first ?? [], lines.objects.dropFirst().first ?? [])
        let secret = marked(input)
        let object = ObjectLine.typed(first, as: head.version, secret: secret)
        let old = ObjectLine.typed(second, as: head.version, secret: secret)
        try check(MadeReview(head: head, object: object, old: old), hiding: secret)
        try checkUnchanged(object, of: head)
    }

    private static let marker = "Zq7_marker"

    /// A secret that can be told from all else in the input, in one of several forms that the rules tell apart.
    private static func marked(_ input: [UInt8]) -> String? {
        guard !String(decoding: input, as: UTF8.self).contains("Zq7") else { return nil }
        return ["\(marker)-1", "<\(marker)>", marker][input.count % 3]
    }

    private static func check(_ review: MadeReview, hiding secret: String?) throws(BrokenProperty) {
        let webhook = Webhook()
        let verdict = try webhook.post("/validate", review.body)
        try check(verdict: verdict)
        let mutation = try webhook.post("/mutate", review.body)
        let patch = try patch(in: mutation)
        if secret != nil {
            for text in [verdict.text, mutation.text, patch?.spelling ?? "", webhook.logged] {
                try demand(!text.contains(marker), "a secret is told: \(text)")
            }
        }
        guard let patch, let object = try? JSONDocument(parsing: review.object).root else { return }
        let patched: JSONValue
        do {
            patched = try object.patched(by: patch)
        } catch {
            throw BrokenProperty(description: "\(patch.spelling) does not fit: \(error)")
        }
        let again = MadeReview(head: review.head, object: patched.text, old: review.old)
        let second = try self.patch(in: try webhook.post("/mutate", again.body))
        try demand(second == nil, "\(patch.spelling) is followed by \(second?.spelling ?? "")")
    }

    /// An update that changes nothing is always allowed, without a word and without a change.
    private static func checkUnchanged(_ object: ByteBuffer, of head: MadeReview.Head) throws(BrokenProperty) {
        let head = MadeReview.Head(operation: .update, version: head.version, words: head.words)
        let review = MadeReview(head: head, object: object, old: object)
        let verdict = try Webhook().post("/validate", review.body)
        guard verdict.code == 200 else { return }
        let isSilent = verdict.response?["allowed"]?.boolean == true && verdict.response?["warnings"] == nil
        try demand(isSilent, "an update that changes nothing: \(verdict.text)")
        let patch = try patch(in: try Webhook().post("/mutate", review.body))
        try demand(patch == nil, "an update that changes nothing gets the patch \(patch?.spelling ?? "")")
    }

    private static func check(verdict: Webhook.Answer) throws(BrokenProperty) {
        guard verdict.code == 200 else { return }
        let response = try demand(verdict.response, verdict.text)
        let allowed = try demand(response["allowed"]?.boolean, "neither allowed nor refused: \(verdict.text)")
        try demand(response["patch"] == nil, "/validate patches: \(verdict.text)")
        for warning in response["warnings"]?.elements ?? [] {
            let text = warning.string ?? ""
            let fits = !text.isEmpty && text.unicodeScalars.count <= 120 && !text.unicodeScalars.contains { $0.value < 0x20 }
            try demand(fits, "a warning does not fit into a header: \(verdict.text)")
        }
        guard !allowed else { return }
        let status = try demand(response["status"], "refused without a reason: \(verdict.text)")
        switch status["code"]?.integer {
        case 403: try demand(status["message"]?.string?.isEmpty == false, "forbidden without a reason: \(verdict.text)")
        case 422:
            let causes = status["details"]?["causes"]?.elements ?? []
            let areWhole = causes.allSatisfy { $0["field"]?.string?.isEmpty == false && $0["message"]?.string?.isEmpty == false }
            try demand(!causes.isEmpty && areWhole, "invalid without a cause: \(verdict.text)")
        default: throw BrokenProperty(description: "refused with an odd code: \(verdict.text)")
        }
    }

    /// The patch of an answer, if it has one. `/mutate` never refuses.
    private static func patch(in mutation: Webhook.Answer) throws(BrokenProperty) -> JSONValue? {
        guard mutation.code == 200 else { return nil }
        try demand(mutation.response?["allowed"]?.boolean == true, "/mutate refuses: \(mutation.text)")
        guard let encoded = mutation.response?["patch"] else { return nil }
        let bytes = encoded.string.flatMap(Base64Text.decoded) ?? []
        let patch = try? JSONDocument(parsing: ByteBuffer(bytes: bytes), maximumDepth: 10_000).root
        return try demand(patch, "the patch is no JSON: \(mutation.text)")
    }
}

/// An AdmissionReview for an object of the input.
private struct MadeReview {
    enum Operation: UInt8 {
        case create = 67  // C
        case update = 85  // U
        case delete = 68  // D

        var name: String {
            switch self {
            case .create: "CREATE"
            case .update: "UPDATE"
            case .delete: "DELETE"
            }
        }
    }

    struct Head {
        let operation: Operation
        let version: Version
        let words: Version
    }

    let head: Head
    let object: ByteBuffer
    let old: ByteBuffer

    var body: ByteBuffer {
        func type(_ version: Version) -> String { #"{"group":"cache.my.domain","version":"\#(version.name)","# }
        var body = ByteBuffer(
            string: #"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"u-1","#
                + #""kind":\#(type(head.version))"kind":"DBMMOMySQL"},"requestKind":\#(type(head.words))"kind":"DBMMOMySQL"},"#
                + #""resource":\#(type(head.version))"resource":"dbmmomysqls"},"name":"orders","namespace":"shop","#
                + #""operation":"\#(head.operation.name)","userInfo":{"username":"admin"}"#)
        if head.operation != .delete {
            body.writeString(#","object":"#)
            body.writeImmutableBuffer(object)
        }
        if head.operation != .create {
            body.writeString(#","oldObject":"#)
            body.writeImmutableBuffer(head.operation == .delete ? object : old)
        }
        body.writeString("}}")
        return body
    }
}

extension MadeReview.Head {
    init?(_ text: [UInt8]) {
        guard text.count == 3, let operation = MadeReview.Operation(rawValue: text[0]), let version = Version(rawValue: text[1]),
            let words = Version(rawValue: text[2])
        else { return nil }
        self.init(operation: operation, version: version, words: words)
    }
}
