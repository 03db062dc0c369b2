import JSON
import KubernetesAPI
import KubernetesClient
import Testing

@testable import Worker

@Suite("the status")
struct StatusTests {
    private static let status = DatabaseStatus(
        generation: 2, phase: .ready, version: "8.4",
        conditions: [
            Condition(.ready, true, .ready, "it serves"), Condition(.progressing, false, .settled, ""),
            Condition(.degraded, false, .asExpected, "")
        ],
        endpoint: DatabaseStatus.Endpoint(host: "orders.shop.svc", secretName: "s"), pods: ["orders-0"])
    private static let now = Timestamp(seconds: 1_000_000)

    /// An object whose status is what the patch makes of it.
    private static func object(_ status: DatabaseStatus, at time: Timestamp = now, besides: JSONTree = .emptyObject) throws -> JSONValue {
        let empty: JSONTree = ["metadata": ["resourceVersion": "7"], "status": besides]
        let patch = try #require(status.patch(for: try empty.value, at: time))
        var content = try #require(patch["status"])
        content.merge(besides)
        return try (["metadata": ["resourceVersion": "8"], "status": content] as JSONTree).value
    }

    @Test("a status that is so already is not written")
    func same() throws {
        #expect(Self.status.patch(for: try Self.object(Self.status), at: Timestamp(seconds: 2_000_000)) == nil)
    }

    @Test("what changes is written, for the object that was looked at; the time of a condition changes with its status only")
    func changed() throws {
        var next = Self.status
        next.conditions[0] = Condition(.ready, false, .podNotReady, "it does not")
        next.conditions[1] = Condition(.progressing, false, .stopped, "")
        next.endpoint = nil
        let patch = try #require(next.patch(for: try Self.object(Self.status), at: Timestamp(seconds: 2_000_000))).value
        #expect(patch["metadata"]?["resourceVersion"]?.string == "8")
        #expect(patch["status"]?.members.map(\.name) == ["conditions", "endpoint"])
        #expect(patch["status"]?["endpoint"]?.isNull == true)
        let times = patch["status"]?["conditions"]?.elements.map { $0["lastTransitionTime"]?.string }
        #expect(times == [Timestamp(seconds: 2_000_000).text, Self.now.text, Self.now.text])
    }

    @Test("what others tell stays")
    func others() throws {
        let theirs: JSONTree = ["type": "MigrationInProgress", "status": "True", "reason": "x"]
        let object: JSONTree = ["metadata": ["resourceVersion": "7"], "status": ["conditions": [theirs], "azure": ["created": true]]]
        let patch = try #require(Self.status.patch(for: try object.value, at: Self.now)).value
        #expect(
            patch["status"]?["conditions"]?.elements.map { $0["type"]?.string } == [
                "Ready", "Progressing", "Degraded", "MigrationInProgress"
            ])
        #expect(patch["status"]?["azure"] == nil)
    }

    @Test("events tell of what changed, once")
    func events() throws {
        let first = StatusEvents.events(from: nil, to: Self.status)
        #expect(first == [StatusEvents.Event(type: .normal, reason: "Ready", note: "it serves")])
        let stored = try Self.object(Self.status)["status"]
        #expect(StatusEvents.events(from: stored, to: Self.status).isEmpty)
        var next = Self.status
        next.conditions = [
            Condition(.ready, false, .podNotReady, "not ready"), Condition(.progressing, true, .upgrading, "up"),
            Condition(.degraded, true, .nameConflict, "Service orders")
        ]
        #expect(
            StatusEvents.events(from: stored, to: next) == [
                StatusEvents.Event(type: .warning, reason: "NotReady", note: "not ready"),
                StatusEvents.Event(type: .normal, reason: "Upgrading", note: "up"),
                StatusEvents.Event(type: .warning, reason: "NameConflict", note: "Service orders")
            ])
    }
}
