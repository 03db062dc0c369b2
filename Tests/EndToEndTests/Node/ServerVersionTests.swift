import JSON
import TestSupport
import Testing

extension NodeTests {
    @Suite("the version of a server")
    struct ServerVersionTests {
        @Test("the version that is told is the server's word; a spec that says otherwise is told until it is true")
        func mismatch() async throws {
            let database = try await Database.create(#""version":"8.4","onCluster":{"image":"mysql:9.7"}"#)
            try await database.isReady()
            let version = try #require(try await database.query("SELECT VERSION()").lines.first)
            #expect(try await database.status()?["version"]?.string == "9.7" && version.hasPrefix("9.7."), "\(version)")
            #expect(try await database.conditions().contains("Degraded True VersionMismatch"))
            let pod = try await database.pod()
            try await database.apply(#""version":"9.7","onCluster":{"image":"mysql:9.7"}"#)
            try await database.isReady(inPodOtherThan: pod)
            #expect(try await database.conditions().contains("Degraded False AsExpected"))
            #expect(try await database.status()?["version"]?.string == "9.7")
        }
    }
}
