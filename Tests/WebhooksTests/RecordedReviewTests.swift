import JSON
import NIOCore
import TestSupport
import Testing

@Suite("A recorded review")
struct RecordedReviewTests {
    @Test("is allowed by /validate, with the uid and version of the request", arguments: RecordedReviews.names)
    func validate(name: String) throws {
        let body = try RecordedReviews.body(name)
        let request = try JSONDocument(parsing: body).root
        let answer = try post("/validate", body)
        #expect(answer.code == 200)
        #expect(answer.json["apiVersion"]?.string == "admission.k8s.io/v1")
        #expect(answer.json["kind"]?.string == "AdmissionReview")
        #expect(answer.response?["uid"]?.string == request[path: ["request", "uid"]]?.string)
        #expect(answer.isAllowed == true, "\(answer.text)")
        #expect(answer.response?["patch"] == nil)
    }

    @Test("is allowed by /mutate, with a patch only where defaults are due", arguments: RecordedReviews.names)
    func mutate(name: String) throws {
        let answer = try post("/mutate", RecordedReviews.body(name))
        #expect(answer.code == 200)
        #expect(answer.isAllowed == true, "\(answer.text)")
        let isDue = ["01-apply-create", "03-patch-to-azure"].contains(name)
        #expect((answer.response?["patch"] != nil) == isDue, "\(answer.text)")
        #expect(answer.response?["patchType"]?.string == (isDue ? "JSONPatch" : nil))
    }

    @Test("cut at any byte gets 400 with a Status", arguments: RecordedReviews.names)
    func truncated(name: String) throws {
        let whole = try RecordedReviews.body(name)
        // A line feed behind the review may go.
        let end = try JSONDocument(parsing: whole).root.byteCount
        for length in 0..<end {
            let cut = try #require(whole.getSlice(at: whole.readerIndex, length: length))
            for path in length.isMultiple(of: 16) ? ["/validate", "/mutate", "/convert"] : ["/validate"] {
                let answer = try post(path, cut)
                guard answer.code == 400, answer.json["kind"]?.string == "Status", answer.json["code"]?.integer == 400 else {
                    Issue.record("\(path) cut at \(length): \(answer.code) \(answer.text)")
                    return
                }
            }
        }
    }
}
