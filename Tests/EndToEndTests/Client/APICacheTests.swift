import JSON
import NIOConcurrencyHelpers
import NIOCore
import TestSupport
import Testing

@testable import KubernetesClient

extension ClientTests {
    @Suite("caches", .serialized)
    struct APICacheTests {
        /// Who follows the changes of a cache.
        private final class Follower: Sendable {
            private let names = NIOLockedValueBox<[String: String]>([:])
            private let told = NIOLockedValueBox<[String]>([])

            /// The texts of all objects that are there.
            var texts: [String: String] { names.withLockedValue { $0 } }
            var changes: [String] { told.withLockedValue { $0 } }

            func take(_ change: ObjectChange) {
                let name = change.object.key.name
                let text = (try? change.object.json())?["data"]?["text"]?.string ?? ""
                switch change {
                case .added: note("added \(name)", name, text)
                case .updated: note("updated \(name)", name, text)
                case .deleted: note("deleted \(name)", name, nil)
                }
            }

            private func note(_ change: String, _ name: String, _ text: String?) {
                told.withLockedValue { $0.append(change) }
                names.withLockedValue { $0[name] = text }
            }
        }

        private func following(_ namespace: String, _ body: (ObjectCache, Follower, KubernetesClient) async throws -> Void) async throws {
            try await withClient { client in
                let follower = Follower()
                let selection = ObjectSelection(namespace: namespace, labelSelector: "app=test")
                let cache = ObjectCache(configMaps, selection, client: client, logger: quiet) { follower.take($0) }
                try await running({ await cache.run() }) {
                    try await cache.waitUntilSynced()
                    try await body(cache, follower, client)
                }
            }
        }

        @Test("what is listed and what happens later is known and told, and nothing else")
        func following() async throws {
            let namespace = try await ControlPlane.current.namespace()
            try await withClient { client in
                for name in ["a", "b"] { _ = try await client.create(configMaps, namespace: namespace, configMap(name)) }
                _ = try await client.create(configMaps, namespace: namespace, configMap("other", labels: #""app":"other""#))
            }
            try await following(namespace) { cache, follower, client in
                #expect(follower.texts == ["a": "one", "b": "one"])
                let key = ObjectKey(namespace: namespace, name: "a")
                let start = ContinuousClock.now
                let patched = try await client.patch(configMaps, key, .merge(ByteBuffer(string: #"{"data":{"text":"two"}}"#)))
                try await poll("the change is known", every: .milliseconds(1)) { cache[key]?.resourceVersion == patched.resourceVersion }
                print("figures: a change known after \(ContinuousClock.now - start)")
                _ = try await client.create(configMaps, namespace: namespace, configMap("c"))
                try await client.delete(configMaps, key)
                // Losing its label takes an object out of the selection.
                let unlabelled = ByteBuffer(string: #"{"metadata":{"labels":{"app":"other"}}}"#)
                _ = try await client.patch(configMaps, ObjectKey(namespace: namespace, name: "b"), .merge(unlabelled))
                try await poll("all is told") { follower.texts == ["c": "one"] }
                #expect(follower.changes.suffix(4) == ["updated a", "added c", "deleted a", "deleted b"])
                #expect(cache.objects.map(\.key.name) == ["c"])
            }
        }

        @Test("an API server that is killed and comes back is followed again within ten seconds")
        func restart() async throws {
            let controlPlane = try ControlPlane.current
            let namespace = try await controlPlane.namespace()
            try await following(namespace) { cache, follower, client in
                _ = try await client.create(configMaps, namespace: namespace, configMap("before"))
                try await poll("it is known") { cache.count == 1 }
                try await controlPlane.crash("kube-apiserver")
                try await controlPlane.revive("kube-apiserver")
                let ready = ContinuousClock.now
                _ = try await client.create(configMaps, namespace: namespace, configMap("after"))
                try await client.delete(configMaps, ObjectKey(namespace: namespace, name: "before"))
                try await poll("the cache is right again", for: .seconds(10)) { follower.texts == ["after": "one"] }
                print("figures: a cache right \(ContinuousClock.now - ready) after the API server was ready again")
            }
        }

        @Test("what happened while nobody remembers is found when etcd has been compacted")
        func compaction() async throws {
            let controlPlane = try ControlPlane.current
            let namespace = try await controlPlane.namespace()
            try await following(namespace) { cache, follower, client in
                for name in ["a", "b"] { _ = try await client.create(configMaps, namespace: namespace, configMap(name)) }
                try await poll("they are known") { cache.count == 2 }
                try await controlPlane.crash("kube-apiserver")
                // Behind the back of the API server: nobody will ever tell of it.
                let key = try await Tool.demand("openssl", ["base64", "-A"], input: "/registry/configmaps/\(namespace)/a")
                _ = try await controlPlane.etcd("/v3/kv/deleterange", #"{"key":"\#(key)"}"#)
                try await Compaction.compact(controlPlane)
                try await controlPlane.revive("kube-apiserver")
                try await poll("the deletion is found", for: .seconds(10)) { follower.texts == ["b": "one"] }
                #expect(cache.objects.map(\.key.name) == ["b"])
                _ = try await client.create(configMaps, namespace: namespace, configMap("c"))
                try await poll("it follows again") { follower.texts == ["b": "one", "c": "one"] }
            }
        }
    }
}
