import JSON
import TestSupport
import Testing

@Suite("Admission")
struct AdmissionTests {
    private let good = objectText(#"{"deploymentType":"OnCluster","replicas":1}"#)
    private let protected = objectText(#"{"deletionProtection":true}"#)

    @Test("refuses with 422 Invalid, every cause, and the rules for the audit log")
    func refusal() throws {
        let object = objectText(#"{"deploymentType":"OnCluster","replicas":3,"onCluster":{"storage":{"capacity":"20GB"}}}"#)
        let answer = try post("/validate", admissionReview("CREATE", object: object))
        #expect(answer.isAllowed == false)
        let status = try #require(answer.response?["status"])
        #expect(status["code"]?.integer == 422)
        #expect(status["reason"]?.string == "Invalid")
        #expect(
            status["message"]?.string?.hasPrefix(#"DBMMOMySQL.cache.my.domain "orders" is invalid: [spec.replicas: Invalid value: 3: "#)
                == true)
        #expect(status[path: ["details", "kind"]]?.string == "DBMMOMySQL")
        #expect(status[path: ["details", "name"]]?.string == "orders")
        #expect(status[path: ["details", "group"]]?.string == "cache.my.domain")
        #expect(answer.causes.count == 2)
        #expect(answer.rules == "P1,S1")
    }

    @Test("answers in the words of the version that the user wrote, whatever version the object was sent in")
    func requestKind() throws {
        let answer = try post(
            "/validate", admissionReview("CREATE", object: objectText(#"{"replicas":3}"#), version: "v1", requestVersion: "v1alpha1"))
        #expect(answer.causes.map { String($0.prefix { $0 != ":" }) } == ["spec.size"])
    }

    @Test("answers v1beta1 in kind")
    func v1beta1() throws {
        let answer = try post("/validate", admissionReview("CREATE", object: good, reviewVersion: "v1beta1"))
        #expect(answer.json["apiVersion"]?.string == "admission.k8s.io/v1beta1")
        #expect(answer.isAllowed == true)
    }

    @Test("refuses the deletion of a protected object with 403 Forbidden, and says how to lift the protection")
    func protection() throws {
        let answer = try post("/validate", admissionReview("DELETE", oldObject: protected))
        #expect(answer.isAllowed == false)
        let status = try #require(answer.response?["status"])
        #expect(status["code"]?.integer == 403)
        #expect(status["reason"]?.string == "Forbidden")
        #expect(
            status["message"]?.string
                == #"dbmmomysqls.cache.my.domain "orders" is forbidden: spec.deletionProtection: the object is protected; "#
                + "first: kubectl patch dbmmomysqls.v1.cache.my.domain orders --namespace shop --type merge -p "
                + #"'{"spec":{"deletionProtection":false}}'"#)
        #expect(answer.rules == "D1")
        #expect(try post("/validate", admissionReview("DELETE", oldObject: good)).isAllowed == true)
        #expect(try post("/validate", admissionReview("DELETE")).isAllowed == true)
    }

    @Test("never patches a deletion, and never anything from /validate")
    func noPatch() throws {
        #expect(try post("/mutate", admissionReview("DELETE", oldObject: protected)).response?["patch"] == nil)
        #expect(try post("/mutate", admissionReview("CONNECT")).response?["patch"] == nil)
        #expect(try post("/validate", admissionReview("CREATE", object: objectText("{}"))).response?["patch"] == nil)
    }

    @Test("leaves subresources alone", arguments: ["/validate", "/mutate"])
    func subresource(path: String) throws {
        let broken = objectText(#"{"deploymentType":"Mars"}"#)
        let answer = try post(path, admissionReview("UPDATE", object: broken, oldObject: good, subResource: "status"))
        #expect(answer.isAllowed == true)
        #expect(answer.response?["patch"] == nil)
    }

    @Test("lets through what is not ours, with a warning", arguments: ["/validate", "/mutate"])
    func foreign(path: String) throws {
        for review in [
            admissionReview("CREATE", object: "{}", kind: "Pod", group: ""), admissionReview("CREATE", object: "{}", version: "v2"),
            admissionReview("DELETE", kind: "Other")
        ] {
            let answer = try post(path, review)
            #expect(answer.isAllowed == true)
            #expect(answer.warnings.count == 1)
            #expect(answer.warnings.allSatisfy { $0.count <= 120 })
        }
    }

    @Test(
        "says with 400 what a review lacks",
        arguments: [
            ("", "the body is empty"),
            ("[]", "the body must be a JSON object"),
            (#"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1"}"#, "request is missing"),
            (admissionReview("CREATE", object: "null"), "request.object is missing"),
            (admissionReview("UPDATE", object: objectText("{}")), "request.oldObject is missing"),
            (
                admissionReview("CREATE", object: #"{"apiVersion":"cache.my.domain/v9","kind":"DBMMOMySQL"}"#),
                "request.object or request.oldObject: cache.my.domain/v9 is not served; served are cache.my.domain/v1alpha1, cache.my.domain/v1"
            )
        ])
    func unusable(body: String, message: String) throws {
        let answer = try post("/validate", body)
        #expect(answer.code == 400)
        #expect(answer.json["message"]?.string == message)
        #expect(answer.json["reason"]?.string == "BadRequest")
    }

    @Test("warns of an old fault that an update leaves alone")
    func ratcheting() throws {
        let old = objectText(#"{"replicas":3}"#)
        let new = objectText(#"{"replicas":3,"version":"8.4"}"#)
        let answer = try post("/validate", admissionReview("UPDATE", object: new, oldObject: old))
        #expect(answer.isAllowed == true)
        #expect(answer.warnings == ["spec.replicas: Invalid value: 3: must be 0 or 1; several pods on one data directory destroy it"])
        #expect(answer.rules == "S1")
    }

    @Test("never answers with a secret, whatever the object", arguments: ["v1", "v1alpha1"])
    func secrets(version: String) throws {
        let secrets = ["Tr0ub4dor", "<my own secret>"]
        for secret in secrets {
            let spec =
                version == "v1"
                ? #"{"deploymentType":"Azure","credentials":{"password":"\#(secret)"},"azure":{"clientSecret":"\#(secret)"}}"#
                : #"{"deployment":{"deploymentType":"Azure","serverCredentials":{"mysqlAdministratorLoginPassword":"\#(secret)"},"#
                    + #""azureConfig":{"clientSecret":"\#(secret)"}}}"#
            let review = admissionReview("CREATE", object: objectText(spec, version: version), version: version)
            let answer = try post("/validate", review)
            #expect(answer.isAllowed == false)
            #expect(!answer.text.contains(secret))
        }
    }
}
