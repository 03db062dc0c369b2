import JSON
import KubernetesAPI

/// What a kubelet tells of a container.
struct ContainerState: Sendable, Equatable {
    enum Phase: Sendable, Equatable {
        case waiting(reason: String, message: String = "")
        case running(since: Timestamp)
        /// Until it is started again, or its pod is gone.
        case terminated(exitCode: Int32)
    }

    var phase: Phase
    var isReady = false
    var restarts = 0
    /// Of the run before; nil when there was none.
    var lastExitCode: Int32?

    static let creating = ContainerState(phase: .waiting(reason: "ContainerCreating"))

    /// A container that waits to be started again.
    static func crashed(_ backoff: RestartBackoff) -> ContainerState {
        ContainerState(
            phase: .waiting(reason: "CrashLoopBackOff", message: "back-off restarting failed container"), restarts: backoff.restarts,
            lastExitCode: backoff.lastExitCode)
    }

    /// A container that has just ended by itself, of which the back-off knows already.
    static func ended(_ backoff: RestartBackoff) -> ContainerState {
        let earlier = max(0, backoff.restarts - 1)
        let code = backoff.lastExitCode
        return ContainerState(phase: .terminated(exitCode: code ?? 0), restarts: earlier, lastExitCode: earlier > 0 ? code : nil)
    }

    var isRunning: Bool {
        if case .running = phase { true } else { false }
    }
}

extension ContainerState {
    /// The member of a pod's `status.containerStatuses`.
    func status(of container: JSONValue) -> JSONTree {
        let state: JSONTree =
            switch phase {
            case .waiting(let reason, let message):
                ["waiting": ["reason": .string(reason), "message": message.isEmpty ? nil : .string(message)]]
            case .running(let since): ["running": ["startedAt": .string(since.text)]]
            case .terminated(let exitCode): Self.terminated(exitCode)
            }
        let lastState = lastExitCode.map(Self.terminated)
        return [
            "name": container["name"].map { .verbatim($0) }, "image": container["image"].map { .verbatim($0) },
            "imageID": "", "ready": .boolean(isReady), "started": .boolean(isRunning), "restartCount": .integer(Int64(restarts)),
            "state": state, "lastState": lastState
        ]
    }

    private static func terminated(_ exitCode: Int32) -> JSONTree {
        ["terminated": ["exitCode": .integer(Int64(exitCode)), "reason": exitCode == 0 ? "Completed" : "Error"]]
    }
}

/// What a kubelet tells of a pod, all of whose containers are in one state.
struct PodStatus: Sendable {
    let container: ContainerState
    let address: String
    let startTime: Timestamp
    /// Since when it is ready, or not ready.
    let readySince: Timestamp

    /// Whether a container of it has been started.
    private var hasBegun: Bool {
        if case .waiting = container.phase { container.restarts > 0 } else { true }
    }

    /// Its network is made before its first container.
    private var hasAddress: Bool { container != .creating }

    /// The merge patch of a pod's status.
    func patch(of pod: Pod) -> JSONTree {
        func condition(_ type: String, _ holds: Bool, _ since: Timestamp) -> JSONTree {
            [
                "type": .string(type), "status": .string(holds ? "True" : "False"), "lastProbeTime": .null,
                "lastTransitionTime": .string(since.text), "reason": holds ? nil : "ContainersNotReady",
                "message": holds ? nil : .string("containers with unready status: [\(names)]")
            ]
        }
        let names = pod.containers.compactMap { $0["name"]?.string }.joined(separator: " ")
        return [
            // Another pod of the same name is left alone.
            "metadata": ["uid": .string(pod.uid)],
            "status": [
                "phase": .string(hasBegun ? "Running" : "Pending"),
                "hostIP": "127.0.0.1", "podIP": hasAddress ? .string(address) : nil,
                "podIPs": hasAddress ? [["ip": .string(address)]] : nil,
                "startTime": .string(startTime.text),
                "conditions": [
                    condition("Initialized", true, startTime), condition("Ready", container.isReady, readySince),
                    condition("ContainersReady", container.isReady, readySince), condition("PodScheduled", true, startTime)
                ],
                "containerStatuses": .array(pod.containers.map { container.status(of: $0) })
            ]
        ]
    }
}
