import JSON
import TestSupport
import Testing

extension ClusterTests {
    @Suite("many objects")
    struct ManyObjectsTests {
        private static let count = 2000

        @Test("2,000 objects written in v1alpha1 are listed in both versions, at once and in pages, with the specs they had")
        func lists() async throws {
            let space = try await Cluster.current.namespace()
            let clock = ContinuousClock()
            let writing = try await clock.measure { try await write(to: space) }
            print("\(Self.count) objects written in v1alpha1 in \(writing)")
            for version in Version.allCases {
                let expected = try Dictionary(
                    uniqueKeysWithValues: (0..<Self.count).map { (Self.name($0), try json(Self.spec($0, version)).canonicalText) })
                for limit in [nil, 500] {
                    var listed: [JSONValue] = []
                    let reading = try await clock.measure { listed = try await list(space, version, limit: limit) }
                    print("\(listed.count) objects listed in \(version.rawValue)\(limit.map { ", \($0) a page," } ?? "") in \(reading)")
                    #expect(listed.count == Self.count)
                    let wrong = listed.filter { object in
                        object["apiVersion"]?.string != "cache.my.domain/\(version.rawValue)"
                            || object["spec"]?.canonicalText != expected[object["metadata"]?["name"]?.string ?? ""]
                    }
                    #expect(wrong.isEmpty, "\(wrong.count) objects are not as written, the first: \(wrong.first?.canonicalText ?? "")")
                }
            }
        }

        private static func name(_ index: Int) -> String { "database-\(index)" }

        private static func spec(_ index: Int, _ version: Version) -> String {
            switch version {
            case .v1alpha1:
                #"""
                {"size":1,"deployment":{"deploymentType":"OnCluster","serverName":"server-\#(index)","configurationName":"outer-\#(index)",
                 "storageCapacity":"\#(index % 50 + 1)Gi","ingress":{"enabled":false},"envFrom":[{"secretRef":{"name":"s-\#(index)"}}]}}
                """#
            case .v1:
                #"""
                {"deploymentType":"OnCluster","version":"8.4","replicas":1,"azure":{"serverName":"server-\#(index)"},
                 "onCluster":{"storage":{"capacity":"\#(index % 50 + 1)Gi","accessModes":["ReadWriteOnce"]},
                              "envFrom":[{"secretRef":{"name":"s-\#(index)"}}],"ingress":{"enabled":false},"service":{"type":"ClusterIP"}}}
                """#
            }
        }

        /// Creates the objects with one curl, several requests at a time: kubectl takes them one by one.
        private func write(to space: Namespace) async throws {
            let requests = try (0..<Self.count).map { index in
                let object = try json(Objects.object(Self.name(index), .v1alpha1, spec: Self.spec(index, .v1alpha1))).canonicalText
                let data = object.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
                let options = space.cluster.curlAccess.map { option in
                    option.hasPrefix("--") ? "\n\(option.dropFirst(2))" : " = \"\(option)\""
                }.joined()
                return """
                    \(options)
                    fail-with-body
                    url = "\(space.cluster.apiURL(space.path(.v1alpha1)))"
                    header = "Content-Type: application/json"
                    output = "/dev/null"
                    write-out = "%{http_code} "
                    data = "\(data)"
                    """
            }
            let file = try space.cluster.write(requests.joined(separator: "\nnext\n"), to: "requests")
            let outcome = try await Tool.run("curl", ["--parallel", "--parallel-max", "16", "--no-progress-meter", "--config", file])
            let created = outcome.output.split(separator: " ").count { $0 == "201" }
            #expect(created == Self.count, "\(outcome.errorOutput)")
        }

        private func list(_ space: Namespace, _ version: Version, limit: Int?) async throws -> [JSONValue] {
            var objects: [JSONValue] = []
            var next = ""
            repeat {
                let query = [limit.map { "limit=\($0)" }, next.isEmpty ? nil : "continue=\(next)"].compactMap { $0 }
                let path = "\(space.path(version))?\(query.joined(separator: "&"))"
                let list = try json(try await space.cluster.demandKubectl(["get", "--raw", path]))
                objects += list["items"]?.elements ?? []
                next = list["metadata"]?["continue"]?.string ?? ""
            } while !next.isEmpty
            return objects
        }
    }
}
