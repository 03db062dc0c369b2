import Glibc
import JSON
import TestSupport
import Testing

extension DatabaseTests {
    @Suite("rows", .serialized)
    struct RowTests {
        @Test("a database opens with its made-up password, keeps its rows in another pod and with another image, and leaves nothing behind")
        func rows() async throws {
            let database = try await Database.running(#""version":"8.0""#)
            try await database.writeRow(42)
            let stranger = try await database.query("SELECT 1", password: "wrong")
            #expect(stranger.errorOutput.contains("Access denied"))

            let first = try await database.pod()
            var start = ContinuousClock.now
            try await database.space.demandKubectl(["delete", "pod", "orders-0", "--wait=false"])
            try await database.isReady(inPodOtherThan: first)
            print("figures: after its pod was deleted a database is ready again in \(ContinuousClock.now - start)")
            try await database.findsRow(42)

            let second = try await database.pod()
            start = .now
            try await database.apply(#""version":"8.0","onCluster":{"image":"docker.io/library/mysql:8.4"}"#)
            try await database.isReady(inPodOtherThan: second)
            print("figures: another image is ready \(ContinuousClock.now - start) after kubectl apply returned")
            let container = try await database.get("pod", "orders-0")?["spec"]?["containers"]?.elements.first
            #expect(container?["image"]?.string == "docker.io/library/mysql:8.4")
            try await database.findsRow(42)

            let volume = try #require(try await database.get("pvc", "data-orders-0")?["spec"]?["volumeName"]?.string)
            let persistentVolume = try json(try await database.cluster.demandKubectl(["get", "pv", volume, "-o", "json"]))
            let directory = try #require(persistentVolume[path: ["spec", "local", "path"]]?.string)
            #expect(access("\(directory)/mysql/mysql.ibd", F_OK) == 0)
            try await database.delete()
            #expect(try await database.objects().isEmpty)
            try await poll("its data is gone", for: .seconds(20)) { access(directory, F_OK) != 0 }
        }
    }
}
