import Subprocess
import TestSupport
import Testing

extension FrontDoorTests {
    @Suite("bodies that take much memory to read")
    struct ReadingMemoryTests {
        /// As manifests/base/deployment.yaml has it.
        private static let podLimit = 768 << 20
        private static let variables: [Environment.Key: String?] = ["DBMMO_MAX_BODY_MEMORY": "256Mi"]

        private static let opening = """
            {"kind":"ConversionReview","apiVersion":"apiextensions.k8s.io/v1","request":\
            {"uid":"1","desiredAPIVersion":"cache.my.domain/v1","objects":[
            """

        private static let objectOpening = """
            {"apiVersion":"cache.my.domain/v1alpha1","kind":"DBMMOMySQL","metadata":{"name":"a","namespace":"b"},"spec":{"a":
            """

        /// A list without brackets, which no loop makes: an unoptimised one would take seconds.
        private static func zeros(_ byteCount: Int) -> [UInt8] {
            [UInt16](repeating: UInt16(littleEndian: 0x2C30), count: byteCount / 2).withUnsafeBytes { Array($0) } + [0x30]
        }

        struct Greed: Sendable, CustomTestStringConvertible {
            let testDescription: String
            /// What stands around the zeros in the list of objects.
            let before: String
            let after: String
        }

        static let greedy = [
            Greed(testDescription: "a list of what are no objects", before: "", after: ""),
            Greed(testDescription: "an object with a long list", before: objectOpening + "[", after: "]}}")
        ]

        @Test("61 MiB of zeros get 503 and take less than half of the pod's memory", arguments: greedy)
        func greedyBody(_ greed: Greed) async throws {
            try await WebhookServer.with(options: Siege.options, environment: Self.variables) { server in
                let (port, pid) = (server.port, await server.pid)
                let status = try await onOwnThread {
                    let body = Array((Self.opening + greed.before).utf8) + Self.zeros(61 << 20) + Array((greed.after + "]}}").utf8)
                    var connection = ReviewConnection(try TLSClient.connected(port: port, alpn: ["http/1.1"], timeout: .seconds(30)))
                    return try connection.status(of: ReviewConnection.request("/convert", body))
                }
                #expect(status == 503)
                let peak = ProcessFigures(pid: pid).peakMemory
                print("figures: \(greed.testDescription): \(peak.mebibytes) MiB at most")
                #expect(peak < Self.podLimit / 2)
                let metrics = try await server.metrics()
                #expect(metrics["dbmmo_http_refused_total", ["reason": "body_memory"]] == 1)
            }
        }

        @Test("3,000 objects of 6 kB are converted within the pod's memory for bodies, also twice at a time")
        func honest() async throws {
            try await WebhookServer.with(options: Siege.options, environment: Self.variables) { server in
                let (port, pid) = (server.port, await server.pid)
                let objects = Array(
                    repeating: Self.objectOpening + "\"\(String(repeating: "a", count: 6000))\"}}", count: 3000)
                let request = ReviewConnection.request("/convert", (Self.opening + objects.joined(separator: ",") + "]}}").utf8)
                let statuses = try await onOwnThreads(2) { _ in
                    var connection = ReviewConnection(try TLSClient.connected(port: port, alpn: ["http/1.1"], timeout: .seconds(30)))
                    return try connection.status(of: request)
                }
                #expect(statuses == [200, 200])
                print(
                    "figures: two conversions of \(request.count.mebibytes) MiB: \(ProcessFigures(pid: pid).peakMemory.mebibytes) MiB at most"
                )
                #expect(ProcessFigures(pid: pid).peakMemory < Self.podLimit)
            }
        }
    }
}
