import FoundationEssentials
import Glibc
import HTTPCalls
import JSON
import KubernetesAPI
import KubernetesClient
import Logging
import NIOConcurrencyHelpers

/// Puts pods on the node, has them run, tells how they are, and ends them.
final class Kubelet: Sendable {
    typealias Outcome = WorkQueue<ObjectKey>.Outcome

    /// A pod of the node.
    private struct Run: Sendable {
        let uid: String
        let address: String
        let database: DatabaseContainer
        let arrival = ContinuousClock.now
        let startTime = Timestamp.now()
        /// Of containers that are no real processes.
        var backoff = RestartBackoff()
        var isReady = false
        var readySince = Timestamp.now()
        /// The status that was told last.
        var told = ""
    }

    private struct State {
        var runs: [ObjectKey: Run] = [:]
        var behaviours: [ObjectKey: PodBehaviour] = [:]
        var arrivals = 0
    }

    private let client: KubernetesClient
    private let storage: VolumeProvisioner
    private let directory: String
    private let runsDatabases: Bool
    private let logger: Logger
    private let state = NIOLockedValueBox(State())
    private let queue = WorkQueue<ObjectKey>()
    private let pods: ObjectCache

    /// - Parameters:
    ///   - directory: Where the files of its pods are; it must exist.
    ///   - runsDatabases: Whether the containers named `mysql` are real processes.
    init(client: KubernetesClient, storage: VolumeProvisioner, directory: String, runsDatabases: Bool, logger: Logger) {
        self.client = client
        self.storage = storage
        self.directory = directory
        self.runsDatabases = runsDatabases
        self.logger = logger
        pods = ObjectCache(NodeTypes.pods, client: client, logger: logger) { [queue] in queue.add($0.object.key) }
    }

    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.pods.run() }
            group.addTask { await self.queue.process(concurrency: 32, logger: self.logger) { try await self.step($0) } }
        }
    }

    /// Ends all processes by force. It must not run any more.
    func killAll() async {
        for run in state.withLockedValue({ Array($0.runs.values) }) { await run.database.kill() }
    }

    // MARK: What tests ask and say

    func behave(_ behaviour: PodBehaviour, as pod: ObjectKey) {
        state.withLockedValue { $0.behaviours[pod] = behaviour }
        queue.add(pod)
    }

    /// Where on the loopback address the process listens whose pod has this address.
    func port(of address: String) async -> UInt16? {
        await state.withLockedValue { $0.runs.values.first { $0.address == address } }?.database.port
    }

    func port(of pod: ObjectKey) async -> UInt16? {
        await state.withLockedValue { $0.runs[pod] }?.database.port
    }

    var processIDs: [pid_t] {
        get async {
            var pids: [pid_t] = []
            for run in state.withLockedValue({ Array($0.runs.values) }) {
                if let pid = await run.database.pid { pids.append(pid) }
            }
            return pids
        }
    }

    func log(of pod: ObjectKey) async -> String {
        await state.withLockedValue { $0.runs[pod] }?.database.log ?? ""
    }

    // MARK: Work

    private func step(_ key: ObjectKey) async throws -> Outcome {
        let object = pods[key]
        if let run = state.withLockedValue({ $0.runs[key] }), run.uid != object?.uid {
            await run.database.kill()
            clear(key, run.uid)
        }
        guard let object else { return .done }
        let pod = try Pod(object)
        guard let node = pod.node else { return try await schedule(pod) }
        guard node == NodeAgent.node, !pod.isFinished else { return .done }
        if let grace = pod.deletionGrace { return try await end(pod, grace) }
        return try await keep(pod)
    }

    /// Puts a pod on the node as soon as its volumes are there.
    private func schedule(_ pod: Pod) async throws -> Outcome {
        guard pod.deletionGrace == nil else { return .done }
        guard pod.claims.values.allSatisfy({ storage.isBound($0) }) else {
            try await tellUnschedulable(pod)
            return .again(after: .milliseconds(50))
        }
        try await client.bind(pod.object, to: NodeAgent.node)
        return .done
    }

    /// Tells once that a pod can't be put on the node yet, as the scheduler does.
    private func tellUnschedulable(_ pod: Pod) async throws {
        guard !pod.isToldUnschedulable else { return }
        let missing = pod.claims.values.first { !storage.exists($0) }
        let cause =
            missing.map { #"1 persistentvolumeclaim "\#($0.name)" not found"# } ?? "1 pod has unbound immediate PersistentVolumeClaims"
        let condition: JSONTree = [
            "type": "PodScheduled", "status": "False", "reason": "Unschedulable", "lastProbeTime": .null,
            "lastTransitionTime": .string(Timestamp.now().text), "message": .string("0/1 nodes are available: \(cause).")
        ]
        let patch: JSONTree = ["metadata": ["uid": .string(pod.uid)], "status": ["conditions": [condition]]]
        _ = try await client.patch(NodeTypes.pods, pod.key, subresource: "status", .merge(patch.bytes))
    }

    private func keep(_ pod: Pod) async throws -> Outcome {
        var (run, behaviour) = arrived(pod)
        let (container, next) = try await container(of: pod, &run, behaviour)
        if run.isReady != container.isReady {
            run.isReady = container.isReady
            run.readySince = .now()
        }
        let status = PodStatus(container: container, address: run.address, startTime: run.startTime, readySince: run.readySince)
        let patch = status.patch(of: pod)
        // Before it is told: what was started must be found again even if nobody can be told.
        let isNew = run.told != patch.text
        state.withLockedValue { [run] in $0.runs[pod.key] = run }
        if isNew {
            _ = try await client.patch(NodeTypes.pods, pod.key, subresource: "status", .merge(patch.bytes))
            state.withLockedValue { $0.runs[pod.key]?.told = patch.text }
        }
        return next.map { .again(after: $0) } ?? .done
    }

    /// The pod on the node, with an address of its own when it is new. The address is a name only, since nothing may listen on other addresses than
    /// loopback ones, and Kubernetes takes no loopback address for an endpoint.
    private func arrived(_ pod: Pod) -> (Run, PodBehaviour) {
        state.withLockedValue { state in
            let behaviour = state.behaviours[pod.key] ?? .normal
            if let run = state.runs[pod.key] { return (run, behaviour) }
            state.arrivals += 1
            let address = "10.244.\(state.arrivals / 250).\(state.arrivals % 250 + 1)"
            let run = Run(uid: pod.uid, address: address, database: DatabaseContainer(files: "\(directory)/\(pod.uid)"))
            state.runs[pod.key] = run
            return (run, behaviour)
        }
    }

    /// Moves the containers of a pod on.
    private func container(of pod: Pod, _ run: inout Run, _ behaviour: PodBehaviour) async throws -> (ContainerState, next: Duration?) {
        let age = ContinuousClock.now - run.arrival
        if age < behaviour.startDelay { return (.creating, behaviour.startDelay - age) }
        if run.told.isEmpty { return (.creating, .milliseconds(1)) }
        if runsDatabases, let container = pod.database {
            do {
                return try await run.database.advance(behaviour, isProbed: container["readinessProbe"]?.kind == .object) {
                    try await self.plan(pod, container)
                }
            } catch let error as ContainerConfigError {
                let phase = ContainerState.Phase.waiting(reason: "CreateContainerConfigError", message: error.description)
                return (ContainerState(phase: phase), .milliseconds(200))
            }
        }
        if behaviour.crashes {
            guard run.backoff.pause(at: .now) == nil else { return (.crashed(run.backoff), run.backoff.pause(at: .now)) }
            run.backoff.ended(1, at: .now)
            return (.ended(run.backoff), .milliseconds(10))
        }
        let container = ContainerState(
            phase: .running(since: run.startTime), isReady: behaviour.canBeReady, restarts: run.backoff.restarts,
            lastExitCode: run.backoff.lastExitCode)
        return (container, nil)
    }

    private func plan(_ pod: Pod, _ container: JSONValue) async throws -> DatabaseContainer.Plan {
        let environment = try await ContainerEnvironment(container, of: pod) { [client] type, key in
            do {
                return try await client.get(type, key).json()
            } catch let error as KubernetesError where error.isNotFound {
                return nil
            }
        }
        return DatabaseContainer.Plan(environment: environment.variables, dataDirectory: try dataDirectory(pod, container))
    }

    private func dataDirectory(_ pod: Pod, _ container: JSONValue) throws -> String {
        // Without a volume the data go with the pod.
        guard let (claim, subPath) = pod.claim(of: container) else { return "\(directory)/\(pod.uid).data" }
        guard let volume = storage.directory(of: claim) else {
            throw ContainerConfigError(description: "the claim \(claim) is not bound to a volume of this node")
        }
        return subPath.map { "\(volume)/\($0)" } ?? volume
    }

    /// Ends a pod's process, and then the pod.
    private func end(_ pod: Pod, _ grace: Duration) async throws -> Outcome {
        if let run = state.withLockedValue({ $0.runs[pod.key] }), await !run.database.end(within: grace) {
            return .again(after: .milliseconds(20))
        }
        try await tellEnd(of: pod)
        clear(pod.key, pod.uid)
        do throws(KubernetesError) {
            try await client.delete(NodeTypes.pods, pod.key, DeleteOptions(uid: pod.uid, gracePeriod: 0))
        } catch {
            guard error.isNotFound || error.isConflict else { throw error }
        }
        return .done
    }

    /// Tells that the containers of a pod have ended, which is not ready any more.
    private func tellEnd(of pod: Pod) async throws {
        guard let run = state.withLockedValue({ $0.runs[pod.key] }), !run.told.isEmpty else { return }
        let container = ContainerState(phase: .terminated(exitCode: 0), restarts: run.backoff.restarts)
        let status = PodStatus(container: container, address: run.address, startTime: run.startTime, readySince: .now())
        do throws(KubernetesError) {
            _ = try await client.patch(NodeTypes.pods, pod.key, subresource: "status", .merge(status.patch(of: pod).bytes))
        } catch {
            guard error.isNotFound || error.isConflict else { throw error }
        }
    }

    /// Forgets a pod and removes its files.
    private func clear(_ key: ObjectKey, _ uid: String) {
        state.withLockedValue { $0.runs[key] = nil }
        for suffix in ["sock", "pid", "sql", "data"] { try? FileManager.default.removeItem(atPath: "\(directory)/\(uid).\(suffix)") }
    }
}
