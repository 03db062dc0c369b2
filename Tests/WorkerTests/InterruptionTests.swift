import JSON
import Testing

@testable import Worker

@Suite("a process that ends between two writes")
struct InterruptionTests {
    enum Work: CaseIterable {
        case creation, newSettings, growth, removal

        /// A cluster in which it is to be done.
        func begin() throws -> ModelCluster {
            guard self != .creation else { return ModelCluster() }
            var cluster = try ModelCluster.running()
            switch self {
            case .creation: break
            case .newSettings:
                cluster.change(["replicas"], 0)
                cluster.change(["onCluster", "ingress"], ["enabled": true, "host": "orders.example"])
                cluster.change(["onCluster", "resources"], ["limits": ["memory": "1Gi"]])
                cluster.objects[.podService] = nil
            case .growth:
                cluster.change(["onCluster", "storage", "capacity"], "30Gi")
                cluster.set(.claim, ["status", "capacity", "storage"], "30Gi")
                cluster.objects[.clientService] = nil
            case .removal: cluster.metadata = ["deletionTimestamp": "2026-11-25T12:00:00Z"]
            }
            return cluster
        }
    }

    @Test("leaves nothing that the next one does not finish, and nothing is done twice", arguments: Work.allCases)
    func goesOn(work: Work) throws {
        var whole = try work.begin()
        let all = try whole.settle()
        #expect(all.count >= 2)
        for place in 0...all.count {
            var cluster = try work.begin()
            let before = try cluster.settle(stoppingAfter: place)
            // What a process knew is gone with it.
            (cluster.absent, cluster.conflicts) = ([], [])
            let after = try cluster.settle()
            #expect(Self.writes(before + after) == Self.writes(all), "after \(place) of \(all)")
            #expect(Set(cluster.objects.keys) == Set(whole.objects.keys))
            #expect(cluster.finalizers == whole.finalizers)
        }
    }

    /// To look again is no harm.
    private static func writes(_ actions: [String]) -> [String] {
        actions.filter { !$0.hasPrefix("find ") && !$0.hasPrefix("look ") }
    }
}
