import Glibc
import JSON
import TestSupport

/// A pod of dbmmo, as it was when somebody looked.
struct InClusterPod: Sendable {
    let name: String
    let uid: String
    /// Whether it was asked to end.
    let isEnding: Bool
    let isReady: Bool
    let restarts: Int64
    /// The runtime's name of its container; nil before there is one.
    let container: String?

    init?(_ pod: JSONValue) {
        let (metadata, status) = (pod["metadata"], pod["status"])
        guard let name = metadata?["name"]?.string, let uid = metadata?["uid"]?.string else { return nil }
        (self.name, self.uid) = (name, uid)
        isEnding = metadata?["deletionTimestamp"] != nil
        isReady = status?["conditions"]?.elements.contains { $0["type"]?.string == "Ready" && $0["status"]?.string == "True" } ?? false
        let containers = status?["containerStatuses"]?.elements ?? []
        restarts = containers.first?["restartCount"]?.integer ?? 0
        container = containers.first?["containerID"]?.string.flatMap { $0.split(separator: "/").last.map(String.init) }
    }

    /// What the kernel says of its process, nil when there is none: the tests run where they see the processes of pods.
    func process() async throws -> ProcessFigures? {
        guard let container else { return nil }
        let find = #"grep --files-with-matches --no-messages "$1" /proc/[0-9]*/cgroup || true"#
        let files = try await Tool.demand("sh", ["-c", find, "sh", container]).split(separator: "\n")
        let pids = files.compactMap { file in file.split(separator: "/").dropFirst().first.flatMap { pid_t($0) } }
        return pids.min().map { ProcessFigures(pid: $0) }
    }
}
