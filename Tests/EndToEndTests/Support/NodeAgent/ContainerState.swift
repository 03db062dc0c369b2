import JSON
import KubernetesAPI

/// What a kubelet tells of a container.
struct ContainerState: Sendable, Equatable {
    enum Phase: Sendable, Equatable {
        case waiting(reason: String, message: String = "")
        case running(since: Timestamp)
    }

    var phase: Phase
    var isReady = false
    var restarts = 0
    /// Of the run before; nil when there was none.
    var lastExitCode: Int32?

    static let creating = ContainerState(phase: .waiting(reason: "ContainerCreating"))

    static func crashed(_ backoff: RestartBackoff) -> ContainerState {
        ContainerState(
            phase: .waiting(reason: "CrashLoopBackOff", message: "back-off restarting failed container"), restarts: backoff.restarts,
            lastExitCode: backoff.lastExitCode)
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
            case .waiting(let reason, let message): ["waiting": ["reason": .string(reason), "message": .string(message)]]
            case .running(let since): ["running": ["startedAt": .string(since.text)]]
            }
        let lastState = lastExitCode.map { ["terminated": ["exitCode": .integer(Int64($0)), "reason": "Error"]] as JSONTree }
        return [
            "name": container["name"].map { .verbatim($0) }, "image": container["image"].map { .verbatim($0) },
            "imageID": "", "ready": .boolean(isReady), "started": .boolean(isRunning), "restartCount": .integer(Int64(restarts)),
            "state": state, "lastState": lastState
        ]
    }
}

/// What a kubelet tells of a pod, all of whose containers are in one state.
struct PodStatus: Sendable {
    let container: ContainerState
    let address: String
    let startTime: Timestamp
    /// Since when it is ready, or not ready.
    let readySince: Timestamp

    /// The merge patch of a pod's status.
    func patch(of pod: Pod) -> JSONTree {
        func condition(_ type: String, _ holds: Bool, _ since: Timestamp) -> JSONTree {
            [
                "type": .string(type), "status": .string(holds ? "True" : "False"), "lastProbeTime": .null,
                "lastTransitionTime": .string(since.text)
            ]
        }
        return [
            // Another pod of the same name is left alone.
            "metadata": ["uid": .string(pod.uid)],
            "status": [
                "phase": .string(container.isRunning || container.restarts > 0 ? "Running" : "Pending"),
                "hostIP": "127.0.0.1", "podIP": .string(address), "podIPs": [["ip": .string(address)]],
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
