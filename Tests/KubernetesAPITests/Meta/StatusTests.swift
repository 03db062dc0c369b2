import KubernetesAPI
import NIOCore
import Testing

@Suite("A status")
struct StatusTests {
    static let kind = GroupVersionKind(group: "cache.my.domain", version: "v1", kind: "DBMMOMySQL")
    static let resource = GroupVersionResource(group: "cache.my.domain", version: "v1", resource: "dbmmomysqls")
    static let head = #"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","#

    @Test("of an invalid object lists every cause")
    func invalid() {
        let status = Status.invalid(
            kind: Self.kind, name: "ledger",
            errors: [
                .required(FieldPath("spec", "azure", "tenantID"), "the tenant"),
                .invalid(FieldPath("spec", "azure", "subscriptionID"), value: FieldError.quoted("<req>"), "is a placeholder")
            ])
        #expect(
            String(buffer: status.body) == Self.head + #""message":"DBMMOMySQL.cache.my.domain \"ledger\" is invalid: ["#
                + #"spec.azure.tenantID: Required value: the tenant, spec.azure.subscriptionID: Invalid value: \"<req>\": is a placeholder]","#
                + #""reason":"Invalid","details":{"name":"ledger","group":"cache.my.domain","kind":"DBMMOMySQL","causes":["#
                + #"{"reason":"FieldValueRequired","message":"Required value: the tenant","field":"spec.azure.tenantID"},"#
                + #"{"reason":"FieldValueInvalid","message":"Invalid value: \"<req>\": is a placeholder","field":"spec.azure.subscriptionID"}"#
                + #"]},"code":422}"#)
    }

    @Test("of an object with one fault has no brackets")
    func oneFault() {
        let error = FieldError.forbidden(FieldPath("spec", "x"), "no")
        let expected = #"DBMMOMySQL.cache.my.domain "a" is invalid: spec.x: Forbidden: no"#
        #expect(Status.invalid(kind: Self.kind, name: "a", errors: [error]).message == expected)
        let repeated = Status.invalid(kind: Self.kind, name: "a", errors: [error, error])
        #expect(repeated.message == expected)
        #expect(repeated.details?.causes.count == 2)
        let other = FieldError.forbidden(FieldPath("spec", "y"), "no")
        #expect(
            Status.invalid(kind: Self.kind, name: "a", errors: [error, other, error]).message
                == #"DBMMOMySQL.cache.my.domain "a" is invalid: [spec.x: Forbidden: no, spec.y: Forbidden: no]"#)
        #expect(Status.invalid(kind: Self.kind, name: "a", errors: []).message == #"DBMMOMySQL.cache.my.domain "a" is invalid"#)
    }

    @Test("of a forbidden action names the resource")
    func forbidden() {
        let status = Status.forbidden(Self.resource, name: "orders", message: "deletionProtection is true")
        #expect(
            String(buffer: status.body) == Self.head
                + #""message":"dbmmomysqls.cache.my.domain \"orders\" is forbidden: deletionProtection is true","reason":"Forbidden","#
                + #""details":{"name":"orders","group":"cache.my.domain","kind":"dbmmomysqls"},"code":403}"#)
        let unknown = GroupVersionResource(group: "", version: "", resource: "")
        #expect(
            String(buffer: Status.forbidden(unknown, name: "x", message: "no").body) == Self.head
                + #""message":"forbidden: no","reason":"Forbidden","details":{"name":"x"},"code":403}"#)
    }

    @Test(
        "of a failed request has the reason that belongs to its code",
        arguments: [
            (400, "BadRequest"), (403, "Forbidden"), (404, "NotFound"), (405, "MethodNotAllowed"), (408, "Timeout"),
            (413, "RequestEntityTooLarge"),
            (415, "UnsupportedMediaType"), (422, "Invalid"), (500, "InternalError"), (503, "ServiceUnavailable"), (504, "Timeout"),
            (505, "InternalError")
        ])
    func reasons(code: Int, reason: String) {
        let body = String(buffer: Status.failure(code: code, "it failed").body)
        #expect(body == Self.head + #""message":"it failed","reason":"\#(reason)","code":\#(code)}"#)
    }

    @Test("of a failed request has no reason where Kubernetes knows none", arguments: [417, 431])
    func noReason(code: Int) {
        #expect(String(buffer: Status.failure(code: code, "it failed").body) == Self.head + #""message":"it failed","code":\#(code)}"#)
    }

    @Test("of a bad request is a 400")
    func badRequest() {
        #expect(Status.badRequest("no") == Status.failure(code: 400, "no"))
    }

    @Test("carries the uid when it is known")
    func uid() {
        var status = Status.forbidden(Self.resource, name: "orders", message: "no")
        status.details?.uid = "u-1"
        #expect(String(buffer: status.body).contains(#""kind":"dbmmomysqls","uid":"u-1"}"#))
    }

    @Test("of an object with many faults tells of a hundred, and how many more there are")
    func manyFaults() {
        let errors = (0..<2_500).map { FieldError.invalid(FieldPath("spec").appending(index: $0), value: "1", "is wrong") }
        let status = Status.invalid(kind: GroupVersionKind(group: "g", version: "v", kind: "K"), name: "n", errors: errors)
        #expect(status.details?.causes.count == 101)
        #expect(status.details?.causes.last?.message == "and 2400 more" && status.details?.causes.last?.field == "spec[100]")
        #expect(status.message.hasSuffix("and 2400 more]") && status.message.utf8.count < 8_000)
    }
}
