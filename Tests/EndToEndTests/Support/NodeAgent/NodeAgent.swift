import FoundationEssentials
import Glibc
import KubernetesClient
import Logging
import NIOConcurrencyHelpers
import TestSupport

/// Stands for all that a machine of a cluster has and a test machine has not: a node with its kubelet, the scheduler, the provisioner of volumes, and
/// kube-proxy for the Services that a test asks for.
///
/// Pods become ready as they are told to (``behave(_:as:)``). A container named `mysql` is a real MariaDB, whose data directory is the volume of the
/// pod's claim.
final class NodeAgent: Sendable {
    static let node = "test-node"
    /// The default class: whoever names none gets it.
    static let storageClass = "test-storage"

    private let client: KubernetesClient
    private let logger: Logger
    private let provisioner: VolumeProvisioner
    private let kubelet: Kubelet
    private let work: Task<Void, Never>
    private let proxies = NIOLockedValueBox<[ServiceProxy]>([])

    // MARK: Start and stop

    /// Registers the node and the storage class, and begins to work. An agent that is started after another one takes over its pods and volumes.
    ///
    /// - Parameter runsDatabases: Whether the containers named `mysql` are real processes, or become ready like all others.
    static func start(on controlPlane: ControlPlane, runsDatabases: Bool = true) async throws -> NodeAgent {
        let configuration = try ClusterConfiguration.load(kubeconfig: controlPlane.kubeconfig)
        var logger = Logger(label: "node-agent") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .warning
        let client = KubernetesClient(configuration, userAgent: "node-agent", logger: logger)
        do {
            return try await NodeAgent(client, logger, in: controlPlane.directory, runsDatabases)
        } catch {
            await client.shutdown()
            throw error
        }
    }

    private init(_ client: KubernetesClient, _ logger: Logger, in directory: TemporaryDirectory, _ runsDatabases: Bool) async throws {
        let (volumes, pods) = (directory.file("node/volumes"), directory.file("node/pods"))
        for path in [volumes, pods] { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
        let provisioner = VolumeProvisioner(client: client, directory: volumes, logger: logger)
        let kubelet = Kubelet(client: client, storage: provisioner, directory: pods, runsDatabases: runsDatabases, logger: logger)
        let heart = NodeHeart(client: client)
        try await heart.register()
        try await provisioner.createStorageClass()
        work = Task {
            await withDiscardingTaskGroup { group in
                group.addTask { await heart.run() }
                group.addTask { await provisioner.run() }
                group.addTask { await kubelet.run() }
            }
        }
        (self.client, self.logger, self.provisioner, self.kubelet) = (client, logger, provisioner, kubelet)
    }

    /// Ends all processes and stops working, as if the machine had failed. What the API server has stays.
    func stop() async {
        work.cancel()
        await work.value
        for proxy in proxies.withLockedValue({ $0 }) { await proxy.close() }
        await kubelet.killAll()
        await client.shutdown()
    }

    /// Gives an agent to the body, and stops it afterwards.
    static func with<Result>(
        on controlPlane: ControlPlane, runsDatabases: Bool = true, _ body: (NodeAgent) async throws -> Result
    ) async throws -> Result {
        let agent = try await start(on: controlPlane, runsDatabases: runsDatabases)
        return try await withCleanup({ await agent.stop() }) { try await body(agent) }
    }

    // MARK: Use

    /// Says how a pod is to behave from now on, whether it exists or not. Its name counts: the pod that replaces it behaves so too.
    func behave(_ behaviour: PodBehaviour, as pod: ObjectKey) {
        kubelet.behave(behaviour, as: pod)
    }

    /// Says how claims grow from now on.
    func expand(_ expansion: VolumeProvisioner.Expansion) {
        provisioner.expand(expansion)
    }

    /// Listens for a Service. It ends with the agent.
    func proxy(to service: ObjectKey, portName: String? = nil) async throws -> ServiceProxy {
        let proxy = try await ServiceProxy.open(to: service, portName: portName, client: client, logger: logger) { [kubelet] address in
            await kubelet.port(of: address)
        }
        proxies.withLockedValue { $0.append(proxy) }
        return proxy
    }

    /// The processes that run as containers now.
    var processIDs: [pid_t] { get async { await kubelet.processIDs } }

    /// Where the database of a pod listens on the loopback address; nil while it does not run.
    func port(of pod: ObjectKey) async -> UInt16? { await kubelet.port(of: pod) }

    /// What the process of a pod has written.
    func log(of pod: ObjectKey) async -> String { await kubelet.log(of: pod) }

    /// Where the data of a claim are; nil while it has no volume.
    func directory(of claim: ObjectKey) -> String? { provisioner.directory(of: claim) }
}
