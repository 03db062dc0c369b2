import JSON
import KubernetesAPI
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

@testable import KubernetesClient

extension ClientTests {
    @Suite("calls", .serialized)
    struct APICallTests {
        @Test("an object is created, read, changed, replaced and deleted, each only as it was meant")
        func life() async throws {
            let namespace = try await ControlPlane.current.namespace()
            try await withClient { client in
                let key = ObjectKey(namespace: namespace, name: "orders")
                let missing = await #expect(throws: KubernetesError.self) { try await client.get(configMaps, key) }
                #expect(missing?.isNotFound == true)
                let created = try await client.create(configMaps, namespace: namespace, configMap("orders"))
                #expect(created.key == key && !created.uid.isEmpty)
                let again = await #expect(throws: KubernetesError.self) {
                    try await client.create(configMaps, namespace: namespace, configMap("orders"))
                }
                #expect(again?.isAlreadyExists == true)

                let merged = try await client.patch(configMaps, key, .merge(ByteBuffer(string: #"{"data":{"more":"two"}}"#)))
                let patched = try await client.patch(
                    configMaps, key, .json(ByteBuffer(string: #"[{"op":"replace","path":"/data/text","value":"three"}]"#)))
                #expect(try patched.json()["data"]?.spelling == #"{"more":"two","text":"three"}"#)
                let read = try await client.get(configMaps, key)
                #expect(read.resourceVersion == patched.resourceVersion)

                let stale = Self.replacement(merged)
                let conflict = await #expect(throws: KubernetesError.self) { try await client.replace(configMaps, key, stale) }
                #expect(conflict?.isConflict == true)
                let replaced = try await client.replace(configMaps, key, Self.replacement(patched))
                #expect(try replaced.json()["data"] == nil)

                for options in [DeleteOptions(uid: "other"), DeleteOptions(resourceVersion: patched.resourceVersion)] {
                    let refused = await #expect(throws: KubernetesError.self) { try await client.delete(configMaps, key, options) }
                    #expect(refused?.isConflict == true)
                }
                let exact = DeleteOptions(uid: replaced.uid, resourceVersion: replaced.resourceVersion, propagation: .background)
                try await client.delete(configMaps, key, exact)
                let gone = await #expect(throws: KubernetesError.self) { try await client.delete(configMaps, key) }
                #expect(gone?.isNotFound == true)
            }
        }

        private static func replacement(_ object: KubernetesObject) -> ByteBuffer {
            ByteBuffer(
                string: #"{"metadata":{"name":"\#(object.key.name)","resourceVersion":"\#(object.resourceVersion)"}}"#)
        }

        @Test("server-side apply creates, takes away what it no longer says, and takes fields of others only by force")
        func apply() async throws {
            let controlPlane = try ControlPlane.current
            let namespace = try await controlPlane.namespace()
            try await withClient { client in
                let key = ObjectKey(namespace: namespace, name: "orders")
                func applied(_ data: String, force: Bool = false) async throws -> KubernetesObject {
                    let text = #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"orders"},"data":{\#(data)}}"#
                    return try await client.apply(configMaps, key, ByteBuffer(string: text), force: force)
                }
                _ = try await applied(#""a":"1","b":"1""#)
                let second = try await applied(#""a":"1""#)
                #expect(try second.json()["data"]?.spelling == #"{"a":"1"}"#)
                let same = try await applied(#""a":"1""#)
                #expect(same.resourceVersion == second.resourceVersion)
                #expect(try second.json()["metadata"]?["managedFields"]?.elements.map { $0["manager"]?.string } == ["dbmmo"])

                try await controlPlane.demandKubectl(
                    ["--namespace", namespace, "patch", "configmap", "orders", "--type=merge", "-p", #"{"data":{"a":"theirs"}}"#])
                let conflict = await #expect(throws: KubernetesError.self) { try await applied(#""a":"2""#) }
                #expect(conflict?.isConflict == true)
                #expect(conflict?.status?.details?.causes.map(\.field) == [".data.a"])
                #expect(conflict?.status?.details?.causes.first?.message.contains("kubectl") == true)
                let forced = try await applied(#""a":"2""#, force: true)
                #expect(try forced.json()["data"]?.spelling == #"{"a":"2"}"#)
            }
        }

        @Test("the status is changed by itself")
        func status() async throws {
            let namespace = try await ControlPlane.current.namespace()
            try await withClient { client in
                let key = ObjectKey(namespace: namespace, name: "orders")
                let service = #"{"apiVersion":"v1","kind":"Service","metadata":{"name":"orders"},"spec":{"ports":[{"port":3306}]}}"#
                _ = try await client.create(services, namespace: namespace, ByteBuffer(string: service))
                let both = #"{"spec":{"ports":[{"port":1}]},"status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.1"}]}}}"#
                let changed = try await client.patch(services, key, subresource: "status", .merge(ByteBuffer(string: both)))
                #expect(try changed.json()[path: ["status", "loadBalancer", "ingress"]]?.elements.first?["ip"]?.string == "192.0.2.1")
                #expect(try changed.json()[path: ["spec", "ports"]]?.elements.first?["port"]?.integer == 3306)
            }
        }

        @Test("an object that is invalid is refused with its causes")
        func invalid() async throws {
            let namespace = try await ControlPlane.current.namespace()
            try await withClient { client in
                let error = await #expect(throws: KubernetesError.self) {
                    try await client.create(configMaps, namespace: namespace, configMap("UPPER"))
                }
                #expect(error?.status?.reason == .invalid)
                #expect(error?.status?.details?.causes.first?.field == "metadata.name")
            }
        }

        @Test("discovery tells what is served")
        func discovery() async throws {
            try await withClient { client in
                for type in [configMaps, namespaces, .leases, .events] {
                    let isServed = try await client.serves(type)
                    #expect(isServed, "\(type)")
                }
                for type in [
                    ResourceType(group: "cache.my.domain", version: "v1", resource: "none", kind: "None"),
                    ResourceType(version: "v1", resource: "none", kind: "None"), ResourceType(version: "v9", resource: "pods", kind: "Pod")
                ] {
                    let isServed = try await client.serves(type)
                    #expect(!isServed, "\(type)")
                }
            }
        }

        @Test("a long list comes in pages; a page that etcd has compacted away is told as expired, and so is a watch from long ago")
        func pages() async throws {
            let controlPlane = try ControlPlane.current
            let namespace = try await controlPlane.namespace()
            try await withClient { client in
                let count = 1_050
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<count {
                        if number >= 16 { try await group.next() }
                        group.addTask { _ = try await client.create(configMaps, namespace: namespace, configMap("c\(number)")) }
                    }
                    try await group.waitForAll()
                }
                let start = ContinuousClock.now
                let list = try await client.list(configMaps, ObjectSelection(namespace: namespace, labelSelector: "app=test"))
                print("figures: \(count) objects listed in \(ContinuousClock.now - start)")
                #expect(Set(list.items.map(\.key.name)).count == count)
                // Every namespace gets a config map of its own some time.
                let cache = ObjectCache(
                    configMaps, ObjectSelection(namespace: namespace, labelSelector: "app=test"), client: client, logger: quiet)
                try await running({ await cache.run() }) {
                    let start = ContinuousClock.now
                    try await cache.waitUntilSynced()
                    let bytes = cache.objects.map(\.bytes.storageCapacity).reduce(0, +)
                    print("figures: a cache of \(cache.count) objects synced in \(ContinuousClock.now - start), with \(bytes) bytes")
                    #expect(cache.count == count)
                }

                var page = APIRequest(.GET, configMaps.collectionPath(namespace: namespace))
                page.ask("limit", "500")
                let first = try KubernetesClient.json(try await client.answer(to: page, within: .seconds(10)), of: page)
                page.ask("continue", try #require(first["metadata"]?["continue"]?.string))
                _ = try await client.create(configMaps, namespace: namespace, configMap("late"))
                try await Compaction.compact(controlPlane)
                let next = page
                let expired = await #expect(throws: KubernetesError.self) { try await client.answer(to: next, within: .seconds(10)) }
                #expect(expired?.isExpired == true)
                #expect(expired?.status?.reason == .expired)

                let old = await #expect(throws: KubernetesError.self) {
                    try await client.watch(
                        configMaps, ObjectSelection(namespace: namespace), from: "1", for: .seconds(5), grace: .seconds(5)
                    ) { _ in }
                }
                #expect(old?.isExpired == true)
            }
        }
    }

    /// What etcd does every five minutes in a cluster.
    enum Compaction {
        /// Forgets all but the present.
        static func compact(_ controlPlane: ControlPlane) async throws {
            let answer = try json(try await controlPlane.etcd("/v3/kv/range", #"{"key":"AA=="}"#))
            let revision = try #require(answer["header"]?["revision"]?.string)
            _ = try await controlPlane.etcd("/v3/kv/compaction", #"{"revision":"\#(revision)","physical":true}"#)
        }
    }
}
