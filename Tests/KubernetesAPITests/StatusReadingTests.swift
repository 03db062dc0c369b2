import JSON
import KubernetesAPI
import Testing

@Suite("a Status that was received")
struct StatusReadingTests {
    private func read(_ text: String, code: Int? = nil) throws -> Status? { Status(try JSONDocument(parsing: text).root, code: code) }

    @Test("what is written is read back the same")
    func roundTrip() throws {
        var status = Status.failure(code: 409, "conflict")
        status.details = Status.Details(
            name: "orders", group: "apps", kind: "deployments", uid: "u",
            causes: [Status.Cause(reason: "FieldManagerConflict", message: "m", field: ".spec")])
        #expect(Status(try JSONDocument(parsing: status.body).root) == status)
    }

    @Test("a reason that is not known is none, and the code of the answer stands in for a missing one")
    func odd() throws {
        let status = try #require(try read(#"{"kind":"Status","reason":"NewReason"}"#, code: 418))
        #expect(status.reason == nil && status.code == 418 && status.message.isEmpty && status.details == nil)
        #expect(try read(#"{"kind":"Status"}"#) == nil)
        #expect(try read(#"{"kind":"Pod","code":200}"#, code: 200) == nil)
        #expect(try read("[]", code: 500) == nil)
        #expect(try read(#"{"kind":"Status","code":1e99}"#, code: 500)?.code == 500)
    }
}
