import JSON
import Testing

@testable import Worker

@Suite("the version of MySQL that runs")
struct ServerVersionTests {
    private static func initialized(_ message: String, exitCode: Int = 0) -> JSONTree {
        let end: JSONTree = ["exitCode": .integer(Int64(exitCode)), "message": .string(message)]
        return [["name": "initialize", "state": ["terminated": end]]]
    }

    @Test(
        "is read from what mysqld says of itself",
        arguments: [
            ("/usr/sbin/mysqld  Ver 8.4.3 for Linux on x86_64 (MySQL Community Server - GPL)\n", "8.4"),
            ("mysqld  Ver 9.7.4-2 for debian-linux-gnu on x86_64 ((Debian))", "9.7"), ("mysqld  Ver 10.11.6-MariaDB", "10.11"),
            ("8.4.3", nil), ("mysqld Ver x.y.z", nil), ("mysqld Ver 8", nil), ("mysqld Ver 8.12345.1", nil), ("", nil)
        ])
    func read(message: String, version: String?) throws {
        let status: JSONTree = ["initContainerStatuses": Self.initialized(message)]
        #expect(Initialization.serverVersion(in: try status.value) == version)
    }

    @Test("is not read from what a failed container has said last")
    func failed() throws {
        let status: JSONTree = ["initContainerStatuses": Self.initialized("mysqld  Ver 8.4.3 for Linux", exitCode: 1)]
        #expect(Initialization.serverVersion(in: try status.value) == nil)
    }

    private static func running(_ version: String, actual: String) throws -> ModelCluster {
        var cluster = try ModelCluster.running(["version": .string(version)])
        cluster.pods = cluster.pods.map { pod in
            var pod = pod
            pod.put(initialized("mysqld  Ver \(actual).1 for Linux"), at: ["status", "initContainerStatuses"])
            return pod
        }
        return cluster
    }

    @Test("is told by the server's word, and a spec that says otherwise needs a human")
    func mismatch() throws {
        let cluster = try Self.running("8.0", actual: "8.4")
        #expect(try cluster.plan.status?.version == "8.4")
        #expect(try cluster.condition(.degraded) == "True VersionMismatch")
        #expect(try cluster.condition(.ready) == "True Ready")
        let same = try Self.running("8.4", actual: "8.4")
        #expect(try same.condition(.degraded) == "False AsExpected")
    }

    @Test(
        "is what the spec may say then, upwards and downwards, and what a step is counted from", arguments: [("8.0", "8.4"), ("8.4", "8.0")]
    )
    func corrected(said: String, actual: String) throws {
        var cluster = try Self.running(said, actual: actual)
        cluster.change(["version"], .string(actual))
        #expect(try cluster.actions == ["apply statefulSet"])
        var other = try Self.running("5.7", actual: "8.0")
        other.change(["version"], "8.4")
        #expect(try other.actions == ["apply statefulSet"])
    }
}
