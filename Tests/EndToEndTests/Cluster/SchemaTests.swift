import TestSupport
import Testing

extension ClusterTests {
    @Suite("dbmmo check and the API server's own checks")
    struct SchemaTests {
        @Test(
            "the same fields have a wrong type",
            arguments: [
                #"{"replicas":"1","deletionProtection":1,"version":8.4,"azure":{"endpoints":{"a":1},"firewallRules":{},"storageGB":1.5}}"#,
                #"{"onCluster":[],"credentials":"x","migration":{"confirm":"yes"}}"#,
                #"{"onCluster":{"storage":{"accessModes":["a",1]},"resources":{"claims":[1]},"service":{"annotations":{"a":true}}}}"#,
                "[]", #""x""#
            ])
        func types(spec: String) async throws {
            let space = try await Cluster.current.namespace()
            let object = Objects.object("orders", spec: spec)
            let refused = try await space.kubectl(["create", "--validate=false", "--dry-run=server", "-f", "-"], input: object)
            let checked = try await Tool.run(Project.binary, ["check", "-f", "-"], input: object)
            #expect(refused.exitCode == 1 && checked.exitCode == 1)
            #expect(Self.fields(of: checked) == Self.fields(of: refused), "\(checked)\(refused)")
        }

        @Test(
            "what it takes passes: null is absent, whole numbers however they are spelt, fields that it drops",
            arguments: [
                #"{"replicas":null,"onCluster":null}"#, "null", #"{"replicas":1.0,"azure":{"storageGB":2e1}}"#,
                #"{"unknown":1,"onCluster":{"storage":{"unknown":[]}}}"#
            ])
        func accepted(spec: String) async throws {
            let space = try await Cluster.current.namespace()
            let object = Objects.object("orders", spec: spec)
            let created = try await space.kubectl(["create", "--validate=false", "--dry-run=server", "-f", "-"], input: object)
            let checked = try await Tool.run(Project.binary, ["check", "-f", "-"], input: object)
            #expect(created.exitCode == 0 && checked.exitCode == 0, "\(created)\(checked)")
        }

        /// The fields that are said to have a wrong type. The API server names a list where we name the element.
        private static func fields(of outcome: Outcome) -> Set<String> {
            let words = (outcome.output + outcome.errorOutput).split(whereSeparator: \.isWhitespace)
            let places = words.indices.filter { words[$0...].prefix(7).joined(separator: " ").hasSuffix("in body must be of type") }
            return Set(places.map { String(words[$0].prefix { $0 != "[" }) })
        }
    }
}
