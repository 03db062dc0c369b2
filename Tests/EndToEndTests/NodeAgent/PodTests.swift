import JSON
import TestSupport
import Testing

extension NodeAgentTests {
    @Suite("pods and volumes", .serialized)
    struct PodTests {
        @Test("the node is ready; pods become ready when they are told to, and end when they are deleted")
        func behaviour() async throws {
            let place = try await Place.make()
            try await NodeAgent.with(on: place.controlPlane) { agent in
                agent.behave(.neverReady, as: place.key("never"))
                agent.behave(.slow(.seconds(2)), as: place.key("slow"))
                agent.behave(.crashLoop, as: place.key("crashing"))
                let start = ContinuousClock.now
                try await place.apply(pod("plain"), pod("never"), pod("slow"), pod("crashing"))
                for (name, earliest) in [("plain", Duration.zero), ("slow", .seconds(2))] {
                    try await poll("\(name) is ready", every: .milliseconds(50)) { try await place.isReady(name) }
                    #expect(ContinuousClock.now - start >= earliest)
                }
                let never = "{.status.phase} {.status.containerStatuses[0].ready}"
                try await place.expect("it runs and is not ready", never, of: "pod/never", "Running false")
                agent.behave(.normal, as: place.key("never"))
                try await poll("it is ready after all", every: .milliseconds(50)) { try await place.isReady("never") }

                let restarts = "{.status.containerStatuses[0].restartCount}"
                try await poll("it was restarted twice", every: .milliseconds(50)) {
                    try await Int(place.field(restarts, of: "pod/crashing")) ?? 0 > 2
                }
                let reason = "{.status.containerStatuses[0].state.waiting.reason}"
                #expect(try await place.field(reason, of: "pod/crashing") == "CrashLoopBackOff")
                agent.behave(.normal, as: place.key("crashing"))
                try await poll("it is ready after all", every: .milliseconds(50)) { try await place.isReady("crashing") }

                let addresses = try await place.field("{.items[*].status.podIP}", of: "pods").split(separator: " ")
                #expect(Set(addresses).count == 4)

                let node = #"{.status.conditions[?(@.type=="Ready")].status}"#
                #expect(try await place.field(node, of: "node/\(NodeAgent.node)") == "True")
                try await place.deleteAll()
                try await poll("all pods are gone", every: .milliseconds(50)) {
                    try await place.kubectl(["get", "pods", "-o", "name"]).isEmpty
                }
            }
        }

        @Test("the node goes on when the API server has been away")
        func outage() async throws {
            let place = try await Place.make()
            try await NodeAgent.with(on: place.controlPlane) { _ in
                try await place.apply(pod("before"))
                try await poll("it is ready", every: .milliseconds(50)) { try await place.isReady("before") }
                try await place.controlPlane.crash("kube-apiserver")
                try await place.controlPlane.revive("kube-apiserver")
                try await place.apply(pod("after"))
                try await poll("the next one is ready", every: .milliseconds(50)) { try await place.isReady("after") }
                try await place.kubectl(["delete", "pod", "before", "after", "--timeout=20s"])
            }
        }

        @Test("a database is no process when it need not be one")
        func withoutDatabases() async throws {
            let place = try await Place.make()
            try await NodeAgent.with(on: place.controlPlane, runsDatabases: false) { agent in
                try await place.apply(pod("orders", container: ["name": "mysql", "image": "mysql:8.4"]))
                try await poll("it is ready", every: .milliseconds(50)) { try await place.isReady("orders") }
                #expect(await agent.processIDs.isEmpty)
                try await place.deleteAll()
            }
        }

        @Test("a claim gets a volume and grows, at once or when its file system follows")
        func growth() async throws {
            let place = try await Place.make()
            try await NodeAgent.with(on: place.controlPlane) { agent in
                try await place.apply(claim("data"))
                let status = "{.status.phase} {.status.capacity.storage} {.status.conditions[*].type}"
                try await place.expect("it is bound", status, of: "pvc/data", "Bound 1Gi")
                try await place.apply(claim("data", "2Gi"))
                try await place.expect("it has grown", status, of: "pvc/data", "Bound 2Gi")

                agent.expand(.stuck)
                try await place.apply(claim("data", "3Gi"))
                try await place.expect("its file system has to follow", status, of: "pvc/data", "Bound 2Gi FileSystemResizePending")
                let volume = try await place.field("{.spec.volumeName}", of: "pvc/data")
                #expect(try await place.field("{.spec.capacity.storage}", of: "pv/\(volume)") == "3Gi")
                agent.expand(.immediate)
                try await place.expect("it has grown again", status, of: "pvc/data", "Bound 3Gi")

                agent.expand(.resizePending(.seconds(1)))
                let start = ContinuousClock.now
                try await place.apply(claim("data", "4Gi"))
                try await place.expect("it has grown once more", status, of: "pvc/data", "Bound 4Gi")
                #expect(ContinuousClock.now - start >= .seconds(1))

                try await place.deleteAll()
                try await place.expect("the volume is gone", "{.metadata.name}", of: "pv/\(volume)", "")
            }
        }
    }
}
