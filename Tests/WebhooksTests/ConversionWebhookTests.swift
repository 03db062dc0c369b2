import JSON
import TestSupport
import Testing

@Suite("Conversion")
struct ConversionWebhookTests {
    private func review(_ objects: [String], to version: String, reviewVersion: String = "v1") -> String {
        """
        {"kind":"ConversionReview","apiVersion":"apiextensions.k8s.io/\(reviewVersion)","request":{"uid":"c-1",
         "desiredAPIVersion":"\(version)","objects":[\(objects.joined(separator: ","))]}}
        """
    }

    private let legacy = objectText(#"{"size":1,"deployment":{"storageCapacity":"20Gi","configurationName":"x"}}"#, version: "v1alpha1")
    private let current = objectText(#"{"replicas":1}"#)

    @Test("answers every object, in order, in the desired version; one that is there already passes through")
    func order() throws {
        let answer = try post("/convert", review([legacy, current, legacy], to: "cache.my.domain/v1"))
        #expect(answer.response?["uid"]?.string == "c-1")
        #expect(answer.response?[path: ["result", "status"]]?.string == "Success")
        let objects = answer.response?["convertedObjects"]?.elements ?? []
        #expect(objects.map { $0["apiVersion"]?.string } == ["cache.my.domain/v1", "cache.my.domain/v1", "cache.my.domain/v1"])
        #expect(
            objects.map { $0["spec"]?.canonicalText } == [
                #"{"onCluster":{"storage":{"capacity":"20Gi"}},"replicas":1}"#, #"{"replicas":1}"#,
                #"{"onCluster":{"storage":{"capacity":"20Gi"}},"replicas":1}"#
            ])
        #expect(
            objects.first?[path: ["metadata", "annotations", "cache.my.domain/conversion-data"]]?.string
                == #"{"v1alpha1":{"spec":{"deployment":{"configurationName":"x"}}}}"#)
    }

    @Test("gives an API server an object that it takes, whatever the object lacks and its annotation says", arguments: ["v1", "v1alpha1"])
    func acceptable(target: String) throws {
        let source = target == "v1" ? "v1alpha1" : "v1"
        let type = #""apiVersion":"cache.my.domain/\#(source)","kind":"DBMMOMySQL""#
        let forged = #"{\"\#(target)\":{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"metadata\":[],\"status\":7,\"spec\":[]}}"#
        let poisoned = #"{\#(type),"metadata":{"name":"a","annotations":{"cache.my.domain/conversion-data":"\#(forged)"}}}"#
        let answer = try post("/convert", review(["{\(type)}", poisoned], to: "cache.my.domain/\(target)"))
        let head = #"{"apiVersion":"cache.my.domain/\#(target)","kind":"DBMMOMySQL","metadata":"#
        #expect(answer.response?["convertedObjects"]?.elements.map(\.canonicalText) == [head + "{}}", head + #"{"name":"a"}}"#])
    }

    @Test("answers v1beta1 in kind, and an empty list")
    func v1beta1() throws {
        let answer = try post("/convert", review([], to: "cache.my.domain/v1alpha1", reviewVersion: "v1beta1"))
        #expect(answer.json["apiVersion"]?.string == "apiextensions.k8s.io/v1beta1")
        #expect(answer.response?["convertedObjects"]?.elements.count == 0)
    }

    @Test("fails with the object's index, name and the reason")
    func failure() throws {
        let foreign = #"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"shop"}}"#
        let answer = try post("/convert", review([current, foreign], to: "cache.my.domain/v1alpha1"))
        #expect(answer.code == 200)
        #expect(answer.response?[path: ["result", "status"]]?.string == "Failure")
        #expect(
            answer.response?[path: ["result", "message"]]?.string
                == #"objects[1] "shop/web": a Deployment of apps/v1 is not a DBMMOMySQL of cache.my.domain"#)
        #expect(answer.response?["convertedObjects"] == nil)
    }

    @Test("to a version that is not served is a failure", arguments: ["cache.my.domain/v2", "apps/v1"])
    func unknownVersion(version: String) throws {
        let answer = try post("/convert", review([current], to: version))
        #expect(answer.response?[path: ["result", "status"]]?.string == "Failure")
        #expect(
            answer.response?[path: ["result", "message"]]?.string
                == "\(version) is not served; served are cache.my.domain/v1alpha1, cache.my.domain/v1")
    }

    @Test("of thousands of objects gives back each as it was, there and back")
    func thousands() throws {
        var generator = ObjectGenerator(seed: 7)
        let objects = (0..<3_000).map { _ in generator.object(version: "v1alpha1") }
        let there = try post("/convert", review(objects, to: "cache.my.domain/v1"))
        let converted = there.response?["convertedObjects"]?.elements.map(\.spelling) ?? []
        let back = try post("/convert", review(converted, to: "cache.my.domain/v1alpha1"))
        let results = back.response?["convertedObjects"]?.elements ?? []
        #expect(results.count == objects.count)
        for (object, result) in zip(objects, results) {
            guard try JSONDocument(parsing: object).root.isEquivalent(to: result) else {
                Issue.record("\(object)\n\(result.spelling)")
                return
            }
        }
    }
}

@Suite("The operations listener")
struct OperationsTests {
    @Test("is ready while every check passes, and says which one does not")
    func readiness() throws {
        #expect(operations([nil, nil], "/readyz") == "200 ok\n")
        #expect(operations([nil, nil], "/readyz", query: "verbose") == "200 [+]check0 ok\n[+]check1 ok\nreadyz check passed\n")
        #expect(
            operations([nil, "no certificate"], "/readyz") == "503 [+]check0 ok\n[-]check1 failed: no certificate\nreadyz check failed\n")
        #expect(operations(["no certificate"], "/healthz") == "200 ok\n")
    }
}
