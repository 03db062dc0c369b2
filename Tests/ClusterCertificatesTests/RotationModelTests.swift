import TestSupport
import Testing

@testable import ClusterCertificates

@Suite("certificates that several replicas share", .timeLimit(.minutes(5)))
struct RotationModelTests {
    private static let runs = 16
    private static let steps = 2500

    @Test("whatever happens in which order, what a replica serves is trusted by whatever registration an API server holds")
    func model() throws {
        let seed = UInt64.random(in: .min ... .max)
        print("replicas of generated fates: seed \(seed)")
        var counts: [String: Int] = [:]
        for run in 0..<UInt64(Self.runs) {
            var simulation = RotationSimulation(replicas: 3, seed: seed &+ run)
            for _ in 0..<Self.steps { try simulation.step() }
            let faults = try simulation.settle()
            #expect(faults.isEmpty, "seed \(seed &+ run): \(faults)")
            if let violation = simulation.violation { Issue.record("seed \(seed &+ run): \(violation)") }
            counts.merge(simulation.counts, uniquingKeysWith: +)
        }
        print(
            "figures: \(Self.runs * Self.steps) steps: \(counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))"
        )
        // A replica need not ask for trust as long as nobody puts an old Secret back.
        for change in CertificateChange.allCases where change != .trust {
            #expect(counts[change.rawValue, default: 0] > 0, "nothing was done to \(change.rawValue)")
        }
    }
}
