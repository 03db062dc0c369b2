import JSON
import Testing

@testable import Worker

@Suite("why a pod does not run")
struct PodTroubleTests {
    private static func pod(_ status: String, deleted: Bool = false) throws -> JSONValue {
        let time = deleted ? #","deletionTimestamp":"2026-11-28T00:00:00Z""# : ""
        return try JSONDocument(parsing: #"{"metadata":{"name":"orders-0"\#(time)},"status":\#(status)}"#).root
    }

    private static func container(_ state: String, last: String = "{}", ready: Bool = false, restarts: Int = 0) -> String {
        #"{"containerStatuses":[{"name":"mysql","ready":\#(ready),"restartCount":\#(restarts),"state":\#(state),"lastState":\#(last)}]}"#
    }

    private static func ended(after time: String) -> String {
        #"{"terminated":{"exitCode":1,"reason":"Error","startedAt":"2026-11-28T10:00:00Z","finishedAt":"2026-11-28T\#(time)Z"}}"#
    }

    private static let loop = #"{"waiting":{"reason":"CrashLoopBackOff","message":"back-off 20s"}}"#

    @Test(
        "is told in the words of the scheduler and the kubelet",
        arguments: [
            (
                #"{"conditions":[{"type":"PodScheduled","status":"False","reason":"Unschedulable","message":"0/1 nodes: Insufficient cpu."}]}"#,
                "Unschedulable Pod orders-0 fits on no node: 0/1 nodes: Insufficient cpu."
            ),
            (
                container(#"{"waiting":{"reason":"ImagePullBackOff","message":"Back-off pulling image \"x\""}}"#),
                #"ImagePullFailed container mysql of Pod orders-0: ImagePullBackOff: Back-off pulling image "x""#
            ),
            (
                container(loop, last: #"{"terminated":{"exitCode":1,"reason":"Error","message":"first\nlast"}}"#),
                "ContainerFailing container mysql of Pod orders-0: CrashLoopBackOff: back-off 20s; it last ended with Error (exit code 1): first / last"
            ),
            (
                container(#"{"running":{}}"#, last: #"{"terminated":{"exitCode":137,"reason":"OOMKilled"}}"#),
                "ContainerFailing container mysql of Pod orders-0: it last ended with OOMKilled (exit code 137)"
            ),
            (
                container(#"{"running":{}}"#, last: ended(after: "10:00:07"), restarts: 2),
                "ContainerFailing container mysql of Pod orders-0: it last ended with Error (exit code 1)"
            ),
            (
                container(#"{"waiting":{"reason":"CreateContainerConfigError","message":"secret \"own\" not found"}}"#),
                #"ContainerFailing container mysql of Pod orders-0: CreateContainerConfigError: secret "own" not found"#
            )
        ])
    func told(status: String, expected: String) throws {
        let trouble = try #require(PodTrouble(try Self.pod(status)))
        #expect("\(trouble.reason.rawValue) \(trouble.message)" == expected)
    }

    @Test(
        "is nothing where it only takes time",
        arguments: [
            "{}", container(#"{"waiting":{"reason":"ContainerCreating"}}"#), container(#"{"waiting":{"reason":"PodInitializing"}}"#),
            container(#"{"running":{}}"#, last: #"{"terminated":{"exitCode":137,"reason":"Error"}}"#),
            container(#"{"running":{}}"#, last: ended(after: "10:00:07"), restarts: 1),
            container(#"{"running":{}}"#, last: ended(after: "10:01:00"), restarts: 2),
            container(#"{"running":{}}"#, last: #"{"terminated":{"exitCode":137,"reason":"OOMKilled"}}"#, ready: true),
            #"{"conditions":[{"type":"PodScheduled","status":"False","reason":"Unschedulable","message":"pod has unbound immediate PersistentVolumeClaims"}]}"#
        ])
    func none(status: String) throws {
        #expect(PodTrouble(try Self.pod(status)) == nil)
    }

    @Test("is that it shuts down where somebody deleted it")
    func deleted() throws {
        #expect(PodTrouble(try Self.pod(Self.container(Self.loop), deleted: true)) == nil)
        var cluster = try ModelCluster.running()
        cluster.pods = cluster.pods.map { pod in
            var pod = pod
            pod.insert("2026-11-28T00:00:00Z", at: ["metadata", "deletionTimestamp"])
            return pod
        }
        #expect(try cluster.condition(.ready) == "False PodNotReady" && cluster.condition(.progressing) == "True Stopping")
        #expect(try cluster.plan.status?.condition(.ready)?.message == "Pod orders-0 is shutting down")
    }

    @Test("is the end of what a container wrote, and no more of it")
    func limited() throws {
        let text = String(repeating: "x", count: 5_000) + "the end"
        let status = Self.container(Self.loop, last: #"{"terminated":{"exitCode":1,"message":"\#(text)"}}"#)
        let message = try #require(PodTrouble(try Self.pod(status))?.message)
        #expect(message.hasSuffix("the end") && message.count < 600)
    }
}
