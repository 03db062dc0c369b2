import Glibc
import Logging

/// How many files, connections among them, the process may have open.
enum OpenFileLimit {
    /// Descriptors for everything but the connections of the webhook listener: the other listener, certificates, logs.
    private static let others = 256

    /// Raises the soft limit to the hard one. The soft limit is 1024 nearly everywhere, for the sake of programs that use `select(2)`.
    static func raise(forConnections connections: Int, logger: Logger) {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return }
        if limit.rlim_cur < limit.rlim_max {
            limit.rlim_cur = limit.rlim_max
            guard setrlimit(resource, &limit) == 0 else { return }
        }
        guard limit.rlim_cur >= UInt(connections + others) else {
            logger.warning(
                "the limit of open files (ulimit -n) is too low for all connections",
                metadata: ["files": "\(limit.rlim_cur)", "connections": "\(connections)"])
            return
        }
    }
}
