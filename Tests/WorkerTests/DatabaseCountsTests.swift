import JSON
import KubernetesClient
import NIOCore
import PrometheusMetrics
import Testing

@testable import Worker

@Suite("the metrics about databases")
struct DatabaseCountsTests {
    private static func object(_ name: String, _ phase: String?, ready: String = "False") throws -> KubernetesObject {
        let status = phase.map { #""status":{"phase":"\#($0)","conditions":[{"type":"Ready","status":"\#(ready)"}]},"# } ?? ""
        let metadata = #""metadata":{"namespace":"shop","name":"\#(name)","uid":"\#(name)","resourceVersion":"1"}"#
        let text = #"{"apiVersion":"cache.my.domain/v1","kind":"DBMMOMySQL",\#(status)\#(metadata)}"#
        return try #require(KubernetesObject(copying: try JSONDocument(parsing: text).root))
    }

    @Test("follow every change; what is stopped or deleted is not counted as unready")
    func counts() throws {
        let registry = PrometheusRegistry()
        let counts = DatabaseCounts(WorkerMetrics(registry))
        func value(_ metric: String) -> String? {
            String(buffer: registry.page()).split(separator: "\n").first { $0.hasPrefix("\(metric) ") }?.split(separator: " ").last.map(
                String.init)
        }
        func databases(_ phase: String) -> String? { value(#"dbmmo_worker_databases{phase="\#(phase)"}"#) }
        let new = try Self.object("a", nil)
        counts.note(.added(new))
        counts.note(.added(try Self.object("b", "Stopped")))
        counts.note(.added(try Self.object("c", "Deleting")))
        #expect(databases("Pending") == "1" && databases("Stopped") == "1" && value("dbmmo_worker_databases_unready") == "1")
        let degraded = try Self.object("a", "Degraded", ready: "True")
        counts.note(.updated(old: new, new: degraded))
        #expect(databases("Pending") == "0" && databases("Degraded") == "1" && value("dbmmo_worker_databases_unready") == "0")
        counts.note(.deleted(degraded))
        #expect(databases("Degraded") == "0")
    }
}
