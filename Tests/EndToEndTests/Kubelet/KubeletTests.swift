import JSON
import KubernetesClient
import TestSupport
import Testing

/// Holds the node agent against a real kubelet: what both tell of a pod, step by step.
@Suite(
    "a kubelet and the node agent", .serialized, .controlPlaneAvailable, .controllersAvailable, .mariaDBAvailable, .nodeAvailable,
    .timeLimit(.minutes(5)))
struct KubeletTests {
    /// Who runs the pods.
    enum Runner: String, CaseIterable, CustomTestStringConvertible {
        case kubelet, nodeAgent

        var testDescription: String { rawValue }

        /// Runs the body with a control plane on whose node pods run.
        func with(_ body: (ControlPlane, NodeAgent?) async throws -> Void) async throws {
            switch self {
            case .kubelet:
                try await body(try #require(try await ControlPlane.ofNode()), nil)
            case .nodeAgent:
                let controlPlane = try await ControlPlane.start()
                try await withCleanup({ await controlPlane.stop() }) {
                    try await NodeAgent.with(on: controlPlane) { try await body(controlPlane, $0) }
                }
            }
        }
    }

    private static let notReady =
        "ContainersReady=False:ContainersNotReady, Initialized=True, PodScheduled=True, Ready=False:ContainersNotReady"
    private static let ready = "ContainersReady=True, Initialized=True, PodScheduled=True, Ready=True"
    private static let new = "Pending"
    private static let scheduled = "Pending, on a node, PodScheduled=True"
    private static func creating(_ name: String = "app") -> String { "Pending, on a node, \(notReady), \(name) waiting:ContainerCreating" }

    /// What is told of each pod from its creation to its end, in this order. A step that is too short to be told each time is optional.
    private static let script: [(pod: String, steps: [(step: String, isOptional: Bool)])] = [
        (
            "plain",
            [
                (new, false), (scheduled, true), (creating(), false),
                ("Running, on a node, ip, \(ready), app running ready started", false),
                ("Running, deleted, on a node, ip, \(ready), app running ready started", false),
                ("Running, deleted, on a node, ip, \(notReady), app terminated:*", false), ("gone", false)
            ]
        ),
        (
            "probed",
            [
                (new, false), (scheduled, true), (creating(), false),
                ("Running, on a node, ip, \(notReady), app running started", false),
                ("Running, on a node, ip, \(ready), app running ready started", false),
                ("Running, on a node, ip, \(notReady), app running started", false),
                ("Running, deleted, on a node, ip, \(notReady), app running started", false),
                ("Running, deleted, on a node, ip, \(notReady), app terminated:*", false), ("gone", false)
            ]
        ),
        (
            "crashing",
            [
                (new, false), (scheduled, true), (creating(), false), ("Running, on a node, ip, \(ready), app running ready started", true),
                ("Running, on a node, ip, \(notReady), app terminated:not 0", false),
                ("Running, on a node, ip, \(notReady), app terminated:not 0 restarted after terminated:not 0", true),
                ("Running, on a node, ip, \(notReady), app waiting:CrashLoopBackOff restarted after terminated:not 0", false)
            ]
        ),
        (
            "without-secret",
            [
                (new, false), (scheduled, true), (creating("mysql"), false),
                ("Pending, on a node, ip, \(notReady), mysql waiting:CreateContainerConfigError", false)
            ]
        ),
        ("without-claim", [(new, false), ("Pending, PodScheduled=False:Unschedulable", false)])
    ]

    @Test("a kubelet and the node agent tell the same of a pod at each step of its life", arguments: Runner.allCases)
    func steps(runner: Runner) async throws {
        try await runner.with { controlPlane, agent in
            let namespace = try await controlPlane.namespace()
            try await PodTrace.recording(controlPlane, namespace) { trace in
                try await Self.play(controlPlane, namespace, agent, trace)
                for (pod, expected) in Self.script { Self.compare(pod, trace.steps(of: pod), expected) }
            }
            try await controlPlane.demandKubectl(["delete", "namespace", namespace, "--wait=false"])
        }
    }

    /// The same events for both; how a container comes to be ready or to crash is the one thing that has to be said to each in its own way.
    private static func play(_ controlPlane: ControlPlane, _ namespace: String, _ agent: NodeAgent?, _ trace: PodTrace) async throws {
        func kubectl(_ arguments: String...) async throws {
            try await controlPlane.demandKubectl(["--namespace", namespace] + arguments)
        }
        func key(_ pod: String) -> ObjectKey { ObjectKey(namespace: namespace, name: pod) }
        func isTold(_ what: String, _ pod: String) async throws {
            try await poll("\(pod) is \(what): \(trace.steps(of: pod))", for: .seconds(40), every: .milliseconds(20)) {
                trace.steps(of: pod).last?.contains(what) == true
            }
        }
        agent?.behave(.neverReady, as: key("probed"))
        agent?.behave(.crashLoop, as: key("crashing"))
        let list: JSONTree = ["apiVersion": "v1", "kind": "List", "items": .array(pods)]
        try await controlPlane.demandKubectl(["--namespace", namespace, "create", "-f", "-"], input: list.text)

        try await isTold("app running ready", "plain")
        try await isTold("app running started", "probed")
        if let agent { agent.behave(.normal, as: key("probed")) } else { try await kubectl("exec", "probed", "--", "touch", "/tmp/ready") }
        try await isTold("app running ready", "probed")
        if let agent { agent.behave(.neverReady, as: key("probed")) } else { try await kubectl("exec", "probed", "--", "rm", "/tmp/ready") }
        try await isTold("app running started", "probed")
        try await isTold("CrashLoopBackOff", "crashing")
        try await isTold("CreateContainerConfigError", "without-secret")
        try await isTold("Unschedulable", "without-claim")
        try await kubectl("delete", "pod", "plain", "probed", "--wait=false")
        try await isTold("gone", "plain")
        try await isTold("gone", "probed")
    }

    private static let pods: [JSONTree] = {
        func pod(
            _ name: String, container: String = "app", command: [JSONTree], _ more: JSONTree = .emptyObject, spec: JSONTree = .emptyObject
        ) -> JSONTree {
            var members: JSONTree = ["name": .string(container), "image": "mysql:8.4", "command": .array(command)]
            members.merge(more)
            var all: JSONTree = ["containers": [members], "terminationGracePeriodSeconds": 2]
            all.merge(spec)
            return ["apiVersion": "v1", "kind": "Pod", "metadata": ["name": .string(name)], "spec": all]
        }
        let probe: JSONTree = [
            "readinessProbe": ["exec": ["command": ["test", "-e", "/tmp/ready"]], "periodSeconds": 1, "failureThreshold": 1]
        ]
        return [
            pod("plain", command: ["sleep", "infinity"]),
            pod("probed", command: ["sleep", "infinity"], probe),
            pod("crashing", command: ["sh", "-c", "exit 1"]),
            pod("without-secret", container: "mysql", command: ["sleep", "infinity"], ["envFrom": [["secretRef": ["name": "none"]]]]),
            pod(
                "without-claim", command: ["sleep", "infinity"],
                spec: ["volumes": [["name": "data", "persistentVolumeClaim": ["claimName": "none"]]]])
        ]
    }()

    /// Each step is the expected one, in the expected order, and none is missing but optional ones.
    private static func compare(_ pod: String, _ steps: [String], _ expected: [(step: String, isOptional: Bool)]) {
        var rest = expected[...]
        for step in steps {
            while let next = rest.first, !matches(step, next.step), next.isOptional { rest.removeFirst() }
            guard let next = rest.first, matches(step, next.step) else {
                // A container in a crash loop goes round.
                if expected.contains(where: { matches(step, $0.step) && step.contains("restarted") }) { continue }
                Issue.record("\(pod): \(step) was told where \(rest.first?.step ?? "nothing more") was expected; all: \(steps)")
                return
            }
            rest.removeFirst()
        }
        let missing = rest.filter { !$0.isOptional }.map(\.step)
        #expect(missing.isEmpty, "\(pod): all that was told: \(steps)")
    }

    /// Whether a step is the expected one, in which `*` stands for any end.
    private static func matches(_ step: String, _ expected: String) -> Bool {
        expected.hasSuffix("*") ? step.hasPrefix(expected.dropLast()) : step == expected
    }
}
