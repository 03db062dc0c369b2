import JSON
import KubernetesAPI
import NIOCore
import Testing

@Suite("A conversion review")
struct ConversionReviewTests {
    @Test("is read and answered in order", arguments: ["apiextensions.k8s.io/v1", "apiextensions.k8s.io/v1beta1"])
    func success(apiVersion: String) throws {
        let review = try MadeReviews.conversionReview(objects: #"[{"n":1e3},{"n":2},{"n":3}]"#, apiVersion: apiVersion)
        #expect(review.uid == "u-1")
        #expect(review.desiredAPIVersion == APIVersion(group: "cache.my.domain", version: "v1"))
        #expect(review.objectCount == 3)
        let answer = try review.answer { (writer, object, index) throws(ConversionFailure) in
            writer.beginObject()
            writer.name("index")
            writer.integer(Int64(index))
            writer.name("was")
            writer.verbatim(object)
            writer.endObject()
        }
        #expect(answer.failure == nil)
        #expect(
            String(buffer: answer.body)
                == #"{"kind":"ConversionReview","apiVersion":"\#(apiVersion)","response":{"uid":"u-1","convertedObjects":["#
                + #"{"index":0,"was":{"n":1e3}},{"index":1,"was":{"n":2}},{"index":2,"was":{"n":3}}],"result":{"status":"Success"}}}"#)
    }

    @Test("of no objects is answered with none")
    func none() throws {
        let answer = try MadeReviews.conversionReview(objects: "[]").answer { (_, _, _) throws(ConversionFailure) in
            Issue.record("there is nothing to convert")
        }
        #expect(String(buffer: answer.body).hasSuffix(#""convertedObjects":[],"result":{"status":"Success"}}}"#))
    }

    @Test(
        "with an object that does not convert is answered with its place, name and the reason, and no objects",
        arguments: [
            (#"{"metadata":{"namespace":"shop","name":"orders"},"bad":1}"#, #"objects[1] \"shop/orders\": a reason"#),
            (#"{"metadata":{"name":"orders"},"bad":1}"#, #"objects[1] \"orders\": a reason"#),
            (#"{"bad":1}"#, #"objects[1] \"\": a reason"#)
        ])
    func failure(bad: String, message: String) throws {
        let review = try MadeReviews.conversionReview(objects: #"[{},\#(bad),{}]"#)
        let answer = try review.answer { (writer, object, _) throws(ConversionFailure) in
            writer.beginObject()
            if object["bad"] != nil { throw ConversionFailure("a reason") }
            writer.endObject()
        }
        #expect(answer.failure != nil)
        #expect(
            String(buffer: answer.body)
                == #"{"kind":"ConversionReview","apiVersion":"apiextensions.k8s.io/v1","response":{"uid":"u-1","#
                + #""result":{"status":"Failure","message":"\#(message)"}}}"#)
    }

    @Test("can be refused as a whole")
    func refusedAsAWhole() throws {
        let answer = try MadeReviews.conversionReview(objects: "[]").answer(failure: ConversionFailure("no such version"))
        #expect(answer.failure == ConversionFailure("no such version"))
        #expect(String(buffer: answer.body).hasSuffix(#""result":{"status":"Failure","message":"no such version"}}}"#))
    }

    @Test("of thousands of objects is answered in a body of about its size")
    func memory() throws {
        let object = #"{"apiVersion":"cache.my.domain/v1","spec":{"text":"\#(String(repeating: "x", count: 500))"}}"#
        let objects = "[" + repeatElement(object, count: 5000).joined(separator: ",") + "]"
        let review = try MadeReviews.conversionReview(objects: objects)
        let body = try review.answer { (writer, object, _) throws(ConversionFailure) in writer.verbatim(object) }.body
        #expect(try JSONDocument(parsing: body).root[path: ["response", "convertedObjects"]]?.elements.count == 5000)
        #expect(body.capacity < 2 * objects.utf8.count)
    }

    @Test(
        "is JSON in every part of it, or refused",
        arguments: [
            (#"{"uid":"u","desiredAPIVersion":"a/b","objects":[{},{"a":tru}]}"#, "not a JSON value at byte 132"),
            (#"{"uid":"u","desiredAPIVersion":"a/b","objects":[{]}"#, "an unexpected character at byte 126"),
            (#"{"x":{"y":{"z":tru}},"uid":"u","desiredAPIVersion":"a/b","objects":[]}"#, "not a JSON value at byte 91"),
            (#"{"objects":[[1,]],"uid":"u","desiredAPIVersion":"a/b","objects":[]}"#, "an unexpected character at byte 91"),
            (
                #"{"uid":"u","desiredAPIVersion":"a/b","objects":[{"a":{"b":{"c":{}}}}]}"#,
                "more than 6 nested levels at byte 139"
            )
        ])
    func malformed(request: String, expected: String) {
        let error = #expect(throws: ReviewError.self) {
            let body = ByteBuffer(string: MadeReviews.conversion(request))
            _ = try ConversionReview(parsing: body, maximumDepth: 6).answer { (writer, object, _) throws(ConversionFailure) in
                writer.verbatim(object)
            }
        }
        #expect(error?.description == "the body is not JSON: \(expected)")
    }

    @Test(
        "that cannot be used is refused with the reason",
        arguments: [
            ("", "the body is empty"), (#"{"kind":"AdmissionReview"}"#, #"kind must be ConversionReview, not "AdmissionReview""#),
            (
                #"{"kind":"ConversionReview","apiVersion":"admission.k8s.io/v1"}"#,
                #"apiVersion must be apiextensions.k8s.io/v1 or apiextensions.k8s.io/v1beta1, not "admission.k8s.io/v1""#
            ),
            (MadeReviews.conversion(#"{"uid":""}"#), "request.uid is empty"),
            (MadeReviews.conversion(#"{"uid":"u"}"#), "request.desiredAPIVersion is missing"),
            (
                MadeReviews.conversion(#"{"uid":"u","desiredAPIVersion":"a/b/c"}"#),
                #"request.desiredAPIVersion must be a group and a version, not "a/b/c""#
            ),
            (MadeReviews.conversion(#"{"uid":"u","desiredAPIVersion":"a/b"}"#), "request.objects is missing"),
            (MadeReviews.conversion(#"{"uid":"u","desiredAPIVersion":"a/b","objects":{}}"#), "request.objects must be a list of objects"),
            (MadeReviews.conversion(#"{"uid":"u","desiredAPIVersion":"a/b","objects":[{},null]}"#), "request.objects[1] must be an object")
        ])
    func refusal(body: String, expected: String) {
        let error = #expect(throws: ReviewError.self) { try ConversionReview(parsing: ByteBuffer(string: body)) }
        #expect(error?.description == expected)
    }
}
