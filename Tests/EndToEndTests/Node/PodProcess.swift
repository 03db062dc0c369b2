import FoundationEssentials
import Glibc
import TestSupport
import Testing

/// A process in a pod of the node, as the node sees it: the tests run in its namespace of processes.
struct PodProcess {
    let id: pid_t
    /// At most 15 bytes of it.
    let name: String
    let command: String

    /// The processes in the containers of a pod. The one that keeps its namespaces is left out, and those that have ended: mysqld, as the first
    /// process of its container, does not collect the server that set up the database.
    static func all(inPod uid: String) -> [PodProcess] {
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return entries.compactMap { pid_t($0) }.compactMap { id in
            guard text(of: id, "cgroup").contains("/pod\(uid)/") else { return nil }
            let name = text(of: id, "comm").trimmed
            let command = text(of: id, "cmdline").split(separator: "\0").joined(separator: " ")
            return name == "pause" || command.isEmpty ? nil : PodProcess(id: id, name: name, command: command)
        }
    }

    /// Waits until there is a process that meets a condition.
    static func find(_ what: String, inPod uid: String, where condition: (PodProcess) -> Bool) async throws -> PodProcess {
        var found: PodProcess?
        try await poll("\(what) runs", for: .seconds(60), every: .milliseconds(10)) {
            found = all(inPod: uid).first(where: condition)
            return found != nil
        }
        return try #require(found)
    }

    /// Kills all processes in the containers of a pod.
    static func killAll(inPod uid: String) {
        for process in all(inPod: uid) { process.send(SIGKILL) }
    }

    var residentKilobytes: Int {
        let line = Self.text(of: id, "status").split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0
    }

    func send(_ signal: Int32) { kill(id, signal) }

    /// Empty when the process has ended.
    private static func text(of id: pid_t, _ file: String) -> String {
        let descriptor = open("/proc/\(id)/\(file)", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        let bytes = [UInt8](unsafeUninitializedCapacity: 4096) { buffer, count in
            count = max(0, read(descriptor, buffer.baseAddress, buffer.count))
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
