import JSON
import NIOCore
import TestSupport
import Testing

@testable import KubernetesClient

extension ClientTests {
    @Suite("events", .serialized)
    struct APIEventTests {
        private func events(_ name: String, _ namespace: String) async throws -> [JSONValue] {
            let list = try await ControlPlane.current.demandKubectl(
                ["--namespace", namespace, "get", "events.events.k8s.io", "-o", "json"])
            return try json(list)["items"]?.elements.filter { $0["regarding"]?["name"]?.string == name } ?? []
        }

        @Test("what happens often is one event that counts, and kubectl describe shows it")
        func series() async throws {
            let controlPlane = try ControlPlane.current
            let namespace = try await controlPlane.namespace()
            try await withClient { client in
                let object = try await client.create(configMaps, namespace: namespace, configMap("orders"))
                var limits = EventSeries.Limits()
                limits.interval = .milliseconds(100)
                let recorder = EventRecorder(
                    client: client, controller: "cache.my.domain/dbmmo", instance: "dbmmo-0", limits: limits, logger: quiet)
                let regarding = ObjectReference(object, type: configMaps)
                func record(_ note: String, _ type: EventOccurrence.Kind = .warning) {
                    recorder.record(EventOccurrence(regarding: regarding, type: type, reason: "Clash", action: "Creating", note: note))
                }
                try await running({ await recorder.run() }) {
                    for _ in 0..<3 { record("the Service orders is not ours") }
                    record("all is well", .normal)
                    try await poll("both are there, one with its series") {
                        let seen = try await events("orders", namespace)
                        return seen.count == 2 && seen.contains { $0["series"]?["count"]?.integer == 3 }
                    }
                    for _ in 0..<4 { record("the Service orders is not ours") }
                }
                // The end writes what was left.
                let seen = try await events("orders", namespace)
                #expect(seen.count == 2)
                let repeated = try #require(seen.first { $0["type"]?.string == "Warning" })
                #expect(repeated["series"]?["count"]?.integer == 7)
                #expect(repeated["reportingController"]?.string == "cache.my.domain/dbmmo")
                #expect(repeated["reportingInstance"]?.string == "dbmmo-0")
                #expect(repeated["regarding"]?["uid"]?.string == object.uid)
                let described = try await controlPlane.demandKubectl(["--namespace", namespace, "describe", "configmap", "orders"])
                #expect(described.contains("the Service orders is not ours"))
                #expect(recorder.dropped == 0)
            }
        }

        @Test("an object that is in no namespace has its events in the system's")
        func clusterScoped() async throws {
            let namespace = try await ControlPlane.current.namespace()
            try await withClient { client in
                let object = try await client.get(namespaces, ObjectKey(name: namespace))
                let recorder = EventRecorder(client: client, controller: "cache.my.domain/dbmmo", instance: "dbmmo-0", logger: quiet)
                try await running({ await recorder.run() }) {
                    recorder.record(
                        EventOccurrence(
                            regarding: ObjectReference(object, type: namespaces), type: .normal, reason: "Seen", action: "Looking",
                            note: "a note"))
                    try await poll("it is there") { try await events(namespace, "kube-system").count == 1 }
                }
            }
        }

        @Test("recording takes no time while the API server cannot be reached, and ends soon")
        func outage() async throws {
            let client = KubernetesClient(
                try await configuration(user: "{token: t}", cluster: "proxy-url: 'http://127.0.0.1:1'"), logger: quiet)
            let recorder = EventRecorder(client: client, controller: "cache.my.domain/dbmmo", instance: "dbmmo-0", logger: quiet)
            let regarding = ObjectReference(
                apiVersion: "v1", kind: "ConfigMap", key: ObjectKey(namespace: "shop", name: "orders"), uid: "u")
            let start = ContinuousClock.now
            try await withCleanup({ await client.shutdown() }) {
                try await running({ await recorder.run() }) {
                    for number in 0..<10_000 {
                        recorder.record(
                            EventOccurrence(regarding: regarding, type: .normal, reason: "R", action: "A", note: "\(number)"))
                    }
                }
            }
            #expect(ContinuousClock.now - start < .seconds(8))
            #expect(recorder.dropped == 10_000 - 25)
        }
    }
}
