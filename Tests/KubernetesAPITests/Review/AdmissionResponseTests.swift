import JSON
import KubernetesAPI
import NIOCore
import Testing

@Suite("The answer to an admission review")
struct AdmissionResponseTests {
    @Test("that allows is short")
    func allowed() throws {
        #expect(
            try Self.answer(AdmissionResponse(uid: "u-1", allowed: true))
                == #"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","response":{"uid":"u-1","allowed":true}}"#)
    }

    @Test("has the version of the question")
    func version() throws {
        let text = try Self.answer(AdmissionResponse(uid: "u", allowed: true), apiVersion: "admission.k8s.io/v1beta1")
        #expect(text.contains(#""apiVersion":"admission.k8s.io/v1beta1""#))
    }

    @Test("that refuses has the status")
    func refused() throws {
        let status = Status.badRequest("no")
        #expect(
            try Self.answer(AdmissionResponse(uid: "u", allowed: false, status: status)).hasSuffix(
                #""response":{"uid":"u","allowed":false,"status":\#(String(buffer: status.body))}}"#
            ))
    }

    @Test("has a patch and its type, or neither")
    func patch() throws {
        var patch = JSONPatch()
        #expect(try !Self.answer(AdmissionResponse(uid: "u", allowed: true, patch: patch)).contains("patch"))
        patch.replace(JSONPointer(["spec", "size"]), with: .integer(1))
        // [{"op":"replace","path":"/spec/size","value":1}]
        #expect(
            try Self.answer(AdmissionResponse(uid: "u", allowed: true, patch: patch)).hasSuffix(
                #""patch":"W3sib3AiOiJyZXBsYWNlIiwicGF0aCI6Ii9zcGVjL3NpemUiLCJ2YWx1ZSI6MX1d","patchType":"JSONPatch"}}"#
            ))
    }

    @Test("has audit annotations and warnings")
    func annotations() throws {
        let response = AdmissionResponse(
            uid: "u", allowed: true, warnings: ["a", "b\nc\u{1b}d"],
            auditAnnotations: [
                ("rules", "A1,P1"),
                ("x", "\"")
            ])
        #expect(
            try Self.answer(response).hasSuffix(
                #""allowed":true,"auditAnnotations":{"rules":"A1,P1","x":"\""},"warnings":["a","b c d"]}}"#
            ))
    }

    @Test(
        "cuts warnings between characters",
        arguments: [
            (String(repeating: "x", count: 120), String(repeating: "x", count: 120)),
            (String(repeating: "x", count: 121), String(repeating: "x", count: 119) + "…"),
            (String(repeating: "é", count: 121), String(repeating: "é", count: 119) + "…"),
            (String(repeating: "x", count: 118) + "e\u{301}yz", String(repeating: "x", count: 118) + "…"),
            (String(repeating: "👨‍👩‍👧", count: 100), String(repeating: "👨‍👩‍👧", count: 23) + "…"),
            ("e" + String(repeating: "\u{301}", count: 1000), "…")
        ])
    func warnings(warning: String, expected: String) throws {
        let text = try Self.answer(AdmissionResponse(uid: "u", allowed: true, warnings: [warning]))
        #expect(text.hasSuffix(#""warnings":["\#(expected)"]}}"#))
        #expect(expected.unicodeScalars.count <= 120)
    }

    private static func answer(_ response: AdmissionResponse, apiVersion: String = "admission.k8s.io/v1") throws -> String {
        let text = String(buffer: try MadeReviews.admissionReview(MadeReviews.least, apiVersion: apiVersion).answer(response))
        _ = try JSONDocument(parsing: text)
        return text
    }
}
