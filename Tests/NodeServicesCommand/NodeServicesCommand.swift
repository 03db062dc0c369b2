import ArgumentParser
import Glibc
import Logging
import NodeServices
import UnixSignals

/// Runs the services of a test's node until it is told to stop.
@main
struct NodeServicesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "node-services",
        abstract: "The services of a node for tests: a provisioner of volumes, and the names of the cluster for a name server.",
        discussion: """
            It needs root, mount, umount and losetup, and for sized volumes mkfs.xfs and xfs_growfs, or with CAP_SYS_RESOURCE mkfs.ext4 and \
            resize2fs. SIGTERM ends it; volumes stay mounted.
            """)

    /// How long the end may take.
    private static let endLimit = Duration.milliseconds(900)

    @Option(help: "How to reach the API server, with all rights.", completion: .file())
    var kubeconfig: String

    @Option(help: "The name of the node.")
    var node: String

    @Option(help: "Where the data of the volumes are: an absolute path without symbolic links.", completion: .directory)
    var volumes: String

    @Option(help: "Where the zone of the cluster is written; FILE.root gets the zone of the root.", completion: .file())
    var zoneFile: String

    @Option(help: "The name of the cluster's zone.")
    var zone = "cluster.local"

    @Option(help: "The file with the process id of named, which gets SIGHUP when a zone is new.", completion: .file())
    var nameServerPid: String?

    @Option(help: "The address of the name server.")
    var nameServerAddress = "127.0.0.1"

    @Flag(help: "Log also what goes well.")
    var verbose = false

    func run() async throws {
        var logger = Logger(label: "node-services") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = verbose ? .info : .warning
        var options = NodeServices.Options(kubeconfig: kubeconfig, node: node, volumes: volumes, zoneFile: zoneFile)
        options.zone = zone
        options.nameServerProcessIDFile = nameServerPid
        options.nameServerAddress = nameServerAddress
        // Volumes and zones are for everybody to read.
        umask(0o022)
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        let services = try NodeServices(options, logger: logger)
        await withTaskGroup { group in
            group.addTask { await services.run() }
            for await _ in signals { break }
            Task.detached {
                try? await Task.sleep(for: Self.endLimit)
                _exit(0)
            }
            group.cancelAll()
        }
    }
}
