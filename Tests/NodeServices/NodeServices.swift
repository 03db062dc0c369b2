import Glibc
import KubernetesClient
public import Logging

/// What a cluster has beside the kubelet and kube-proxy: a provisioner of volumes, and the names of the cluster for a name server.
public struct NodeServices: Sendable {
    public struct Options: Sendable {
        public var kubeconfig: String
        /// The name of the node, which is also its label `kubernetes.io/hostname`.
        public var node: String
        /// Where the data of the volumes are; it is made if need be.
        public var volumes: String
        public var zoneFile: String
        public var zone = "cluster.local"
        /// Holds the process id of the name server.
        public var nameServerProcessIDFile: String?
        public var nameServerAddress = "127.0.0.1"

        public init(kubeconfig: String, node: String, volumes: String, zoneFile: String) {
            self.kubeconfig = kubeconfig
            self.node = node
            self.volumes = volumes
            self.zoneFile = zoneFile
        }
    }

    /// An option that cannot be used.
    public struct Misuse: Error, CustomStringConvertible {
        public let description: String
    }

    private let configuration: ClusterConfiguration
    private let zones: ZoneWriter.Settings
    private let store: VolumeStore
    private let node: String
    private let logger: Logger

    /// - Throws: ``Misuse``, the errors of a kubeconfig, or those of a directory that cannot be made.
    public init(_ options: Options, logger: Logger) throws {
        guard options.volumes.hasPrefix("/") else { throw Misuse(description: "the directory of the volumes has to be an absolute path") }
        guard let origin = DNSName(options.zone) else { throw Misuse(description: "\(options.zone) is no name of a zone") }
        guard let address = NetworkAddress(options.nameServerAddress) else {
            throw Misuse(description: "\(options.nameServerAddress) is no address")
        }
        configuration = try ClusterConfiguration.load(kubeconfig: options.kubeconfig)
        zones = ZoneWriter.Settings(
            origin: origin, file: options.zoneFile, nameServer: NameServer(processIDFile: options.nameServerProcessIDFile),
            nameServerAddress: address)
        var directory = options.volumes
        while directory.count > 1, directory.hasSuffix("/") { directory.removeLast() }
        store = VolumeStore(
            directory: directory, limits: WriteLimits(logger: logger),
            standardFileSystem: FileSystem.suitable(processStatus: try TextFile.read("/proc/self/status")))
        try store.prepare()
        // The kernel tells of mounts by paths without symbolic links.
        guard let resolved = realpath(directory, nil) else { throw Misuse(description: "\(directory) is not there") }
        defer { free(resolved) }
        guard String(cString: resolved) == directory else {
            throw Misuse(description: "the directory of the volumes has to be named without symbolic links: \(String(cString: resolved))")
        }
        node = options.node
        self.logger = logger
    }

    /// Works until the task is cancelled.
    public func run() async {
        let client = KubernetesClient(configuration, userAgent: "node-services", logger: logger)
        let events = EventRecorder(client: client, controller: VolumeClass.provisioner, instance: node, logger: logger)
        let provisioner = VolumeProvisioner(client: client, node: node, store: store, events: events, logger: logger)
        let writer = ZoneWriter(zones, client: client, logger: logger)
        await withDiscardingTaskGroup { group in
            group.addTask { await events.run() }
            group.addTask { await provisioner.run() }
            group.addTask { await writer.run() }
        }
        await client.shutdown()
    }
}
