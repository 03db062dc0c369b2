import JSON
import NIOCore
import TestSupport
import Testing
import YAML

extension CommandTests {
    /// `dbmmo check` beside the webhooks of a running server, asked as an API server asks: defaults, then rules, the status dropped.
    @Suite("dbmmo check and the webhooks say the same")
    struct SameVerdictTests {
        @Test("of every sample")
        func samples() async throws {
            let report = try await check(["-f", Project.path("manifests/samples")])
            let files = FixtureFolder("../../../manifests/samples")
            let objects = try files.names.map { name in
                try #require(try YAMLDocuments(reading: ByteBuffer(bytes: try files.bytes(of: name))).next()).json
            }
            #expect(objects.count >= 9)
            try await compare(objects, with: report)
        }

        @Test("of a thousand generated objects, in less than two seconds")
        func generated() async throws {
            let seed = UInt64.random(in: .min ... .max)
            print("objects of a folder: seed \(seed)")
            var generator = ObjectGenerator(seed: seed)
            let objects = (0..<1000).map { number in ByteBuffer(string: generator.object(version: Self.version(number))) }
            try await TemporaryDirectory.with { directory in
                for (number, object) in objects.enumerated() {
                    _ = try directory.write(try yaml([object]), to: "object-\(1000 + number).yaml")
                }
                let start = ContinuousClock.now
                let report = try await check(["-f", directory.path])
                print("figures: dbmmo check of 1000 manifests took \(ContinuousClock.now - start)")
                try await compare(objects, with: report)
            }
        }

        @Test("of generated updates")
        func updates() async throws {
            let seed = UInt64.random(in: .min ... .max)
            print("objects before and after: seed \(seed)")
            var generator = ObjectGenerator(seed: seed)
            func object(_ number: Int) throws -> ByteBuffer {
                // An API server stores 0 for -0, as YAML reads it, so that an update never goes from one to the other.
                let object = try json(generator.object(version: Self.version(number)).replacing(":-0", with: ":0"))
                return ByteBuffer(string: object.setting(.string("orders-\(number)"), at: ["metadata", "name"]).text)
            }
            let pairs = try (0..<500).map { number in (old: try object(number), new: try object(number)) }
            try await TemporaryDirectory.with { directory in
                let old = try directory.write(try yaml(pairs.map(\.old)), to: "old.yaml")
                let new = try directory.write(try yaml(pairs.map(\.new)), to: "new.yaml")
                let report = try await check(["-f", new, "--old", old])
                #expect(report["objects"]?.elements.allSatisfy { $0["operation"]?.string == "UPDATE" } == true)
                try await compare(pairs.map(\.new), replacing: pairs.map(\.old), with: report)
            }
        }

        private static func version(_ number: Int) -> String { number.isMultiple(of: 2) ? "v1" : "v1alpha1" }

        private func yaml(_ objects: [ByteBuffer]) throws -> String {
            var writer = YAMLWriter()
            for object in objects { writer.document(try JSONDocument(parsing: object).root) }
            return String(buffer: writer.buffer)
        }

        /// The report of a check in which something is refused.
        private func check(_ options: [String]) async throws -> JSONValue {
            let outcome = try await Tool.run(Project.binary, ["check", "-o", "json"] + options)
            try #require(outcome.exitCode == 1, "\(outcome)")
            return try json(outcome.output)
        }

        private func compare(_ objects: [ByteBuffer], replacing old: [ByteBuffer]? = nil, with report: JSONValue) async throws {
            let checks = report["objects"]?.elements ?? []
            try #require(checks.count == objects.count)
            try await WebhookServer.with { server in
                var webhooks = Webhooks(try ReviewConnection(port: server.port))
                for (number, (object, check)) in zip(objects, checks).enumerated() {
                    let stored = try old.map { try JSONDocument(parsing: $0[number]).root }
                    let answer = try webhooks.verdict(on: try JSONDocument(parsing: object).root, replacing: stored)
                    let findings = check["findings"]?.elements ?? []
                    let said = { (severity: String) in
                        findings.filter { $0["severity"]?.string == severity }.compactMap { $0["message"]?.string }
                    }
                    let text = String(buffer: object)
                    #expect((check["outcome"]?.string == "refused") == (answer["allowed"]?.boolean == false), "\(text)")
                    #expect(check["rules"]?.elements.compactMap(\.string).joined(separator: ",") == rules(answer), "\(text)")
                    #expect(said("error") == causes(answer), "\(text)")
                    let warnings = (answer["warnings"]?.elements ?? []).compactMap(\.string)
                    #expect(Self.areSame(said("warning"), warnings), "\(said("warning")), \(warnings): \(text)")
                }
            }
        }

        /// A warning of the webhook's is cut where it is longer than API servers pass on; a terminal has room.
        private static func areSame(_ said: [String], _ answered: [String]) -> Bool {
            said.count == answered.count
                && zip(said, answered).allSatisfy { $0 == $1 || $1.hasSuffix("…") && $0.hasPrefix($1.dropLast()) }
        }

        private func rules(_ answer: JSONValue) -> String {
            answer[path: ["auditAnnotations", "rules"]]?.string ?? ""
        }

        private func causes(_ answer: JSONValue) -> [String] {
            (answer[path: ["status", "details", "causes"]]?.elements ?? []).map { cause in
                "\(cause["field"]?.string ?? ""): \(cause["message"]?.string ?? "")"
            }
        }
    }
}

/// The webhooks of a server, asked as an API server asks them when an object is created or updated.
private struct Webhooks {
    private var connection: ReviewConnection

    init(_ connection: ReviewConnection) {
        self.connection = connection
    }

    /// The answer of `/validate`, after `/mutate` and its patch. The status is that of the stored object.
    mutating func verdict(on object: JSONValue, replacing old: JSONValue?) throws -> JSONValue {
        var members = object.members.filter { $0.name != "status" }
        if let status = old?["status"] { members.append(("status", status)) }
        let written = JSONTree.object(members.map { .init(name: $0.name, value: .verbatim($0.value)) }).text
        let mutation = try ask("/mutate", written, old)
        var defaulted = try json(written)
        if let patch = mutation["patch"]?.string {
            defaulted = try defaulted.patched(by: json(String(decoding: try #require(Base64Text.decoded(patch)), as: UTF8.self)))
        }
        return try ask("/validate", defaulted.spelling, old)
    }

    private mutating func ask(_ path: String, _ object: String, _ old: JSONValue?) throws -> JSONValue {
        let version = try json(object)["apiVersion"]?.string == "cache.my.domain/v1" ? "v1" : "v1alpha1"
        let kind = #"{"group":"cache.my.domain","version":"\#(version)","kind":"DBMMOMySQL"}"#
        let review = """
            {"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"c0ffee","kind":\(kind),"requestKind":\(kind),\
            "namespace":"default","operation":"\(old == nil ? "CREATE" : "UPDATE")","object":\(object),"oldObject":\(old?.spelling ?? "null")}}
            """
        guard case .answered(let answer) = try connection.exchange(ReviewConnection.request(path, review.utf8)) else {
            throw TimedOut(description: "no answer to \(review)")
        }
        return try #require(try json(String(decoding: answer.body, as: UTF8.self))["response"])
    }
}
