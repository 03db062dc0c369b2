import JSON
import Testing

@testable import Worker

@Suite("why a database waits, by the events about what it waits for")
struct EventTroubleTests {
    private static func pod(_ state: String = #"{"waiting":{"reason":"ContainerCreating"}}"#, unreadySince: String = "10:00:00") throws
        -> PodState
    {
        let ready = #"{"type":"Ready","status":"False","lastTransitionTime":"2026-11-28T\#(unreadySince)Z"}"#
        let status = #"{"conditions":[\#(ready)],"containerStatuses":[{"name":"mysql","ready":false,"state":\#(state)}]}"#
        let text = #"{"metadata":{"name":"orders-0","uid":"1"},"spec":{"nodeName":"node-a"},"status":\#(status)}"#
        return PodState(try JSONDocument(parsing: text).root)
    }

    private static func event(_ reason: String, _ message: String, at time: String, type: String = "Warning") throws -> ClusterEvent {
        let times = #""lastTimestamp":"2026-11-28T\#(time)Z","firstTimestamp":"2026-11-28T09:00:00Z""#
        let text = #"{"type":"\#(type)","reason":"\#(reason)","message":"\#(message)",\#(times)}"#
        return ClusterEvent(try JSONDocument(parsing: text).root)
    }

    private static func trouble(_ awaited: EventTrouble.Awaited, _ events: [ClusterEvent]) -> String? {
        EventTrouble(awaited, "Pod orders-0", events).map { "\($0.reason.rawValue) \($0.message)" }
    }

    @Test(
        "of a pod is told in the words of the kubelet",
        arguments: [
            ("FailedMount", "MountVolume.SetUp failed: exit status 32", "FailedMount"),
            ("FailedAttachVolume", "Multi-Attach error for volume", "FailedMount"),
            ("FailedCreatePodSandBox", "no IP addresses left", "FailedCreatePodSandBox")
        ])
    func pod(reason: String, message: String, expected: String) throws {
        let told = Self.trouble(.readiness(try Self.pod()), [try Self.event(reason, message, at: "10:00:05")])
        #expect(told == "\(expected) Pod orders-0: \(reason): \(message)")
    }

    @Test("of a pod that is refused is what its StatefulSet is told, until a pod is made")
    func refused() throws {
        let refusal = try Self.event("FailedCreate", "exceeded quota: none", at: "10:00:05")
        #expect(Self.trouble(.pod(ofStatefulSet: "1"), [refusal]) == "FailedCreate Pod orders-0: FailedCreate: exceeded quota: none")
        let success = try Self.event("SuccessfulCreate", "create Pod orders-0", at: "10:00:06", type: "Normal")
        #expect(Self.trouble(.pod(ofStatefulSet: "1"), [success, refusal]) == nil)
    }

    @Test("of a volume is what its provisioner says")
    func volume() throws {
        let event = try Self.event("ProvisioningFailed", "storageclass fast not found", at: "10:00:05")
        let told = Self.trouble(.volume(ofClaim: "1"), [event])
        #expect(told == "ProvisioningFailed Pod orders-0: ProvisioningFailed: storageclass fast not found")
    }

    @Test("is none once the kubelet went on, and none by what is no more than a warning on the way")
    func over() throws {
        let failure = try Self.event("FailedMount", "failed to sync secret cache", at: "10:00:05")
        let pulling = try Self.event("Pulling", "Pulling image", at: "10:00:05", type: "Normal")
        #expect(Self.trouble(.readiness(try Self.pod()), [failure, pulling]) == nil)
        #expect(Self.trouble(.readiness(try Self.pod(#"{"running":{}}"#)), [failure]) == nil)
        let others = [
            try Self.event("Unhealthy", "Startup probe failed: ERROR 2002 (HY000): Can't connect", at: "10:00:05"),
            try Self.event("FailedScheduling", "0/1 nodes", at: "10:00:05"),
            try Self.event("FailedMount", "in the words of nobody", at: "10:00:05", type: "Normal")
        ]
        #expect(Self.trouble(.readiness(try Self.pod()), others) == nil)
    }

    @Test("is a node that does not report, with what may be done, as long as the pod has not changed since")
    func node() throws {
        let event = try Self.event("NodeNotReady", "Node is not ready", at: "10:00:00")
        let told = try #require(Self.trouble(.readiness(try Self.pod(#"{"running":{}}"#)), [event]))
        #expect(told.hasPrefix("NodeNotReady Pod orders-0: NodeNotReady: Node is not ready (node node-a, since 2026-11-28T10:00:00Z)"))
        #expect(told.hasSuffix("kubectl taint node node-a node.kubernetes.io/out-of-service=nodeshutdown:NoExecute"))
        #expect(Self.trouble(.readiness(try Self.pod(#"{"running":{}}"#, unreadySince: "10:07:00")), [event]) == nil)
    }

    @Test("is a password that does not open the server")
    func password() throws {
        let message = "Startup probe failed: ERROR 1045 (28000): Access denied for user 'root'@'localhost' (using password: YES)"
        let told = try #require(
            Self.trouble(.readiness(try Self.pod(#"{"running":{}}"#)), [try Self.event("Unhealthy", message, at: "10:00:09")]))
        #expect(told.hasPrefix("AccessDenied ") && told.contains(message) && told.contains("password"))
    }

    @Test("stays the same text when the same thing fails again")
    func stable() throws {
        func text(_ sandbox: Character) throws -> String {
            let message = #"failed to setup network for sandbox \"\#(String(repeating: sandbox, count: 64))\": no plugin"#
            return try Self.event("FailedCreatePodSandBox", message, at: "10:00:05").message
        }
        #expect(try text("a") == text("b"))
        #expect(try text("a") == #"failed to setup network for sandbox "…": no plugin"#)
        let combined = try Self.event("FailedMount", "(combined from similar events): no such device", at: "10:00:05").message
        #expect(combined == "no such device")
        let events = [try Self.event("FailedMount", "b", at: "10:00:05"), try Self.event("FailedMount", "a", at: "10:00:04")]
        #expect(Self.trouble(.readiness(try Self.pod()), events) == Self.trouble(.readiness(try Self.pod()), events.reversed()))
    }

    @Test("is told of a database with the rest of what is known of it")
    func told() throws {
        var cluster = try ModelCluster.running()
        cluster.pods = []
        let event = try Self.event("FailedCreate", "exceeded quota: none", at: "10:00:05")
        var situation = try cluster.situation
        #expect(ClusterSide(situation).awaited?.uid == situation.statefulSet?.uid)
        situation.events = [event]
        let status = try #require(Plan(situation, newPassword: { "" }).status)
        #expect(status.condition(.degraded)?.reason == .failedCreate)
        #expect(status.condition(.degraded)?.message.contains("exceeded quota") == true)
    }
}
