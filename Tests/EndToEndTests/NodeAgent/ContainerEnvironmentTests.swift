import JSON
import KubernetesClient
import Testing

@Suite("the environment of a container")
struct ContainerEnvironmentTests {
    private static let objects = [
        "Secret/password": #"{"data":{"PASSWORD":"c2VjcmV0","USER":"cm9vdA=="}}"#,
        "ConfigMap/settings": #"{"data":{"USER":"other","LIMIT":"5"}}"#
    ]

    private static func variables(_ container: String) async throws -> [String: String] {
        let object = try json(#"{"metadata":{"namespace":"shop","name":"orders-0"},"spec":{}}"#)
        let pod = try Pod(try #require(KubernetesObject(copying: object)))
        return try await ContainerEnvironment(try json(container), of: pod) { type, key in
            #expect(key.namespace == "shop")
            return try objects["\(type.kind)/\(key.name)"].map { try json($0) }
        }.variables
    }

    @Test("what comes later is on top, and prefixes are put before names")
    func order() async throws {
        let sources = #"""
            [{"secretRef":{"name":"password"}},{"configMapRef":{"name":"settings"}},{"prefix":"A_","configMapRef":{"name":"settings"}}]
            """#
        #expect(
            try await Self.variables(#"{"envFrom":\#(sources),"env":[{"name":"LIMIT","value":"6"}]}"#)
                == ["PASSWORD": "secret", "USER": "other", "LIMIT": "6", "A_USER": "other", "A_LIMIT": "5"])
    }

    @Test("values are taken from keys and fields, and name earlier variables")
    func values() async throws {
        let env = #"""
            [{"name":"P","valueFrom":{"secretKeyRef":{"name":"password","key":"PASSWORD"}}},
             {"name":"L","valueFrom":{"configMapKeyRef":{"name":"settings","key":"LIMIT"}}},
             {"name":"N","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}},
             {"name":"O","valueFrom":{"secretKeyRef":{"name":"password","key":"none","optional":true}}},
             {"name":"T","value":"$(P)/$(N) $$(P) $(later) $"}]
            """#
        #expect(
            try await Self.variables(#"{"env":\#(env)}"#)
                == ["P": "secret", "L": "5", "N": "orders-0", "T": "secret/orders-0 $(P) $(later) $"])
    }

    @Test(
        "what is missing is an error, unless it is optional",
        arguments: [
            #"{"envFrom":[{"secretRef":{"name":"none"}}]}"#, #"{"envFrom":[{"configMapRef":{"name":"none"}}]}"#,
            #"{"env":[{"name":"P","valueFrom":{"secretKeyRef":{"name":"password","key":"none"}}}]}"#,
            #"{"env":[{"name":"P","valueFrom":{"configMapKeyRef":{"name":"none","key":"none"}}}]}"#
        ])
    func missing(container: String) async throws {
        await #expect(throws: ContainerConfigError.self) { try await Self.variables(container) }
        let optional = container.replacing(#""name":"none""#, with: #""name":"none","optional":true"#)
            .replacing(#""key":"none""#, with: #""key":"none","optional":true"#)
        #expect(try await Self.variables(optional) == [:])
    }
}
