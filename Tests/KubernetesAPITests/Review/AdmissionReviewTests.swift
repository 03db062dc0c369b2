import JSON
import KubernetesAPI
import NIOCore
import TestSupport
import Testing

@Suite("An admission review")
struct AdmissionReviewTests {
    @Test("recorded from an API server is read", arguments: RecordedReviews.names)
    func recorded(name: String) throws {
        let body = try RecordedReviews.body(name)
        let review = try AdmissionReview(parsing: body)
        let request = review.request
        let document = try JSONDocument(parsing: body).root
        #expect(review.apiVersion == "admission.k8s.io/v1")
        #expect(request.uid == document["request"]?["uid"]?.string)
        #expect(request.uid.utf8.count == 36)
        #expect(request.kind == GroupVersionKind(group: "cache.my.domain", version: "v1alpha1", kind: "DBMMOMySQL"))
        #expect(request.requestKind == request.kind)
        #expect(request.resource == GroupVersionResource(group: "cache.my.domain", version: "v1alpha1", resource: "dbmmomysqls"))
        #expect(request.name.hasPrefix("orders-"))
        #expect(request.namespace == "default")
        #expect(request.username == "admin")
        #expect(request.operation.rawValue == document["request"]?["operation"]?.string)
        #expect((request.object == nil) == (request.operation == .delete))
        #expect((request.oldObject == nil) == (request.operation == .create))
    }

    @Test("tells subresource, dry run and objects")
    func parts() throws {
        let status = try AdmissionReview(parsing: RecordedReviews.body("04-status-patch")).request
        #expect(status.subResource == "status")
        #expect(status.operation == .update)
        #expect(!status.dryRun)
        let dryRun = try AdmissionReview(parsing: RecordedReviews.body("05-dry-run-apply")).request
        #expect(dryRun.dryRun)
        #expect(dryRun.subResource == "")
        let create = try AdmissionReview(parsing: RecordedReviews.body("01-apply-create")).request
        #expect(create.object?[path: ["spec", "deployment", "storageCapacity"]]?.string == "20Gi")
    }

    @Test("needs only what identifies request and answer")
    func least() throws {
        let review = try MadeReviews.admissionReview(
            #""uid":"u","kind":{"version":"v1","kind":"Pod"},"operation":"CONNECT""#, apiVersion: "admission.k8s.io/v1beta1"
        )
        let request = review.request
        #expect(review.apiVersion == "admission.k8s.io/v1beta1")
        #expect(request.uid == "u")
        #expect(request.kind == GroupVersionKind(group: "", version: "v1", kind: "Pod"))
        #expect(request.requestKind == request.kind)
        #expect(request.resource == GroupVersionResource(group: "", version: "", resource: ""))
        #expect(request.subResource == "" && request.name == "" && request.namespace == "" && request.username == "")
        #expect(request.operation == .connect)
        #expect(!request.dryRun)
        #expect(request.object == nil && request.oldObject == nil)
    }

    @Test("tells the type that the user wrote")
    func requestKind() throws {
        let requestKind = #""requestKind":{"group":"g","version":"v1alpha1","kind":"K"}"#
        let request = try MadeReviews.admissionReview("\(MadeReviews.least),\(requestKind)").request
        #expect(request.requestKind == GroupVersionKind(group: "g", version: "v1alpha1", kind: "K"))
        #expect(request.kind.version == "v1")
    }

    @Test(
        "takes the name from where it is known",
        arguments: [
            (#""name":"a","object":{"metadata":{"name":"b"}}"#, "a"),
            (#""name":"","object":{"metadata":{"name":"b","generateName":"c-"}}"#, "b"),
            (#""object":{"metadata":{"generateName":"c-"}}"#, "c-"),
            (#""object":null,"oldObject":{"metadata":{"name":"d"}}"#, "d"),
            (#""object":{"metadata":7}"#, ""),
            (#""object":{"metadata":{"name":7}}"#, "")
        ])
    func name(fields: String, expected: String) throws {
        #expect(try MadeReviews.admissionReview(MadeReviews.least + "," + fields).request.name == expected)
    }

    @Test(
        "that cannot be used is refused with the reason",
        arguments: [
            ("", "the body is empty"), (" \n", "the body is empty"),
            ("{", "the body is not JSON: the text ends at byte 1 in the middle of a value"),
            (#"{"a":1,}"#, "the body is not JSON: an unexpected character at byte 7"),
            ("[]", "the body must be a JSON object"),
            ("{}", "kind is missing"), (#"{"kind":7}"#, "kind must be a string"),
            (#"{"kind":"Pod","apiVersion":"v1"}"#, #"kind must be AdmissionReview, not "Pod""#),
            (#"{"kind":"AdmissionReview"}"#, "apiVersion is missing"),
            (
                #"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v2"}"#,
                #"apiVersion must be admission.k8s.io/v1 or admission.k8s.io/v1beta1, not "admission.k8s.io/v2""#
            ),
            (MadeReviews.admission(nil), "request is missing"),
            (MadeReviews.admission("null"), "request is missing"),
            (MadeReviews.admission("[]"), "request must be an object"),
            (MadeReviews.admission("{}"), "request.uid is missing"),
            (MadeReviews.admission(#"{"uid":null}"#), "request.uid is missing"),
            (MadeReviews.admission(#"{"uid":""}"#), "request.uid is empty"),
            (MadeReviews.admission(#"{"uid":7}"#), "request.uid must be a string"),
            (MadeReviews.admission(#"{"uid":"u"}"#), "request.kind is missing"),
            (MadeReviews.admission(#"{"uid":"u","kind":"Pod"}"#), "request.kind must be an object"),
            (MadeReviews.admission(#"{"uid":"u","kind":{"kind":"Pod"}}"#), "request.kind.version is missing"),
            (MadeReviews.admission(#"{"uid":"u","kind":{"version":"v1","kind":""}}"#), "request.kind.kind is empty"),
            (MadeReviews.admission(#"{"uid":"u","kind":{"version":"v1","kind":"Pod"}}"#), "request.operation is missing"),
            (
                MadeReviews.admission(#"{"uid":"u","kind":{"version":"v1","kind":"Pod"},"operation":"create\n"}"#),
                #"request.operation must be CREATE, UPDATE, DELETE or CONNECT, not "create\n""#
            ),
            (MadeReviews.admission("{\(MadeReviews.least),\"object\":\"x\"}"), "request.object must be an object"),
            (MadeReviews.admission("{\(MadeReviews.least),\"oldObject\":[]}"), "request.oldObject must be an object"),
            (MadeReviews.admission("{\(MadeReviews.least),\"dryRun\":\"yes\"}"), "request.dryRun must be true or false"),
            (MadeReviews.admission("{\(MadeReviews.least),\"namespace\":1}"), "request.namespace must be a string"),
            (MadeReviews.admission("{\(MadeReviews.least),\"resource\":{\"version\":1}}"), "request.resource.version must be a string"),
            (MadeReviews.admission("{\(MadeReviews.least),\"userInfo\":{\"username\":1}}"), "request.userInfo.username must be a string")
        ])
    func refusal(body: String, expected: String) {
        let error = #expect(throws: ReviewError.self) { try AdmissionReview(parsing: ByteBuffer(string: body)) }
        #expect(error?.description == expected)
        #expect(error?.status == Status.badRequest(expected))
    }

    @Test("cut at any byte is refused, and never ends the process")
    func truncation() throws {
        let whole = try RecordedReviews.body("03-patch-to-azure")
        for length in stride(from: 0, to: whole.readableBytes - 1, by: 97) {
            let cut = try #require(whole.getSlice(at: 0, length: length))
            #expect(throws: ReviewError.self) { try AdmissionReview(parsing: cut) }
        }
    }
}
