import Glibc
import JSON
import TestSupport
import Testing

extension InClusterTests {
    @Suite("dbmmo in pods", .serialized)
    struct InstalledTests {
        @Test("both pods are ready and have never been restarted, and have no more rights on their node than they need")
        func pods() async throws {
            let installation = try InClusterInstallation.current
            let pods = try await installation.isWhole()
            #expect(pods.allSatisfy { $0.restarts == 0 })
            for pod in pods {
                let process = try #require(try await pod.process())
                let status = try await Tool.demand("cat", ["/proc/\(process.pid)/status"]).split(separator: "\n").map { line in
                    line.split { $0 == "\t" || $0 == " " }.joined(separator: " ")
                }
                for line in [
                    "Uid: 65532 65532 65532 65532", "Gid: 65532 65532 65532 65532", "CapEff: 0000000000000000", "CapBnd: 0000000000000000",
                    "NoNewPrivs: 1", "Seccomp: 2"
                ] {
                    #expect(status.contains(line), "\(status)")
                }
                let mounts = try await Tool.demand("cat", ["/proc/\(process.pid)/mounts"]).split(separator: "\n")
                let root = try #require(mounts.map { $0.split(separator: " ") }.first { $0.count > 3 && $0[1] == "/" })
                #expect(root[3].split(separator: ",").contains("ro"))
                print("figures: a pod of dbmmo has \(process.memory.mebibytes) MiB resident, \(process.descriptors) open files")
                // The limit is 768 MiB; a program that sits idle is far below it.
                #expect(process.memory < 128 << 20)
            }
        }

        @Test("the probes of the kubelet succeed, and none of those that would have a pod restarted fails")
        func probes() async throws {
            let installation = try InClusterInstallation.current
            let uids = try await installation.isWhole().map(\.uid)
            for kind in ["Liveness", "Readiness"] {
                for uid in uids {
                    try await poll("\(kind) of \(uid) was asked about", for: .seconds(30), every: .milliseconds(500)) {
                        try await probes(installation, kind, uid, "successful") >= 2
                    }
                    if kind == "Liveness" { #expect(try await probes(installation, kind, uid, "failed") == 0) }
                }
            }
        }

        /// How often the kubelet has asked a pod, by what came of it.
        private func probes(_ installation: InClusterInstallation, _ kind: String, _ uid: String, _ result: String) async throws -> Int {
            let page = try await installation.kubectl(["get", "--raw", "/api/v1/nodes/node/proxy/metrics/probes"])
            let line = page.split(separator: "\n").first { line in
                line.hasPrefix("prober_probe_total{")
                    && [#"pod_uid="\#(uid)""#, #"probe_type="\#(kind)""#, #"result="\#(result)""#].allSatisfy { line.contains($0) }
            }
            return line?.split(separator: " ").last.flatMap { Double($0) }.map { Int($0) } ?? 0
        }

        @Test("the API server reaches the webhooks by their Service: objects get defaults, bad ones are refused, the old version is served")
        func webhooks() async throws {
            let installation = try InClusterInstallation.current
            try await installation.isWhole()
            let (controlPlane, namespace) = (installation.controlPlane, try await installation.controlPlane.namespace())
            for kind in ["mutatingwebhookconfiguration", "validatingwebhookconfiguration"] {
                let webhooks = try await installation.get(kind, "dbmmo")["webhooks"]?.elements ?? []
                #expect(webhooks.count == 1 && webhooks.allSatisfy { isService($0["clientConfig"]) }, "\(kind)")
            }
            let definition = try await installation.get("crd", "dbmmomysqls.cache.my.domain")
            #expect(isService(definition[path: ["spec", "conversion", "webhook", "clientConfig"]]))

            let sample = { (name: String) in ["apply", "--namespace", namespace, "-f", Project.path("manifests/samples/\(name).yaml")] }
            let refused = try await controlPlane.kubectl(sample("bad-oncluster"))
            #expect(refused.exitCode == 1)
            #expect(refused.errorOutput.contains("spec.onCluster.storage.capacity"), "\(refused)")
            try await controlPlane.demandKubectl(sample("good-oncluster"))
            let get = { (version: Version) in ["get", version.resource, "good-oncluster", "--namespace", namespace, "-o", "json"] }
            let new = try json(try await controlPlane.demandKubectl(get(.v1)))
            #expect(new[path: ["spec", "version"]]?.string == "8.4")
            #expect(new[path: ["spec", "replicas"]]?.integer == 1)
            let old = try json(try await controlPlane.demandKubectl(get(.v1alpha1)))
            #expect(old[path: ["spec", "size"]]?.integer == 1)
            #expect(old[path: ["spec", "deployment", "deploymentType"]]?.string == "OnCluster")
        }

        /// Whether a registration names the Service, with an authority that dbmmo has written.
        private func isService(_ client: JSONValue?) -> Bool {
            client?["url"] == nil && client?["service"]?["name"]?.string == "dbmmo-webhook" && client?["caBundle"]?.string?.isEmpty == false
        }

        @Test("every line that the pods log is a JSON object, and one pod alone says that it leads")
        func logs() async throws {
            let installation = try InClusterInstallation.current
            let holder = try await installation.leaderAndOther().leader.name
            for pod in try await installation.pods() {
                let lines = try await installation.kubectl(["logs", pod.name]).split(separator: "\n").map(String.init)
                #expect(!lines.isEmpty)
                for line in lines {
                    let entry = try json(line)
                    for name in ["ts", "level", "logger", "msg"] { #expect(entry[name]?.string?.isEmpty == false, "\(line)") }
                }
                #expect(lines.contains { $0.contains(#""msg":"leading""#) } == (pod.name == holder), "\(pod.name), \(holder) leads")
            }
        }

        @Test("a database that is applied serves clients, and a row is written and read through its Service")
        func database() async throws {
            try await InClusterInstallation.current.isWhole()
            let start = ContinuousClock.now
            let database = try await InClusterDatabase.running()
            print("figures: a database is ready \(ContinuousClock.now - start) after it was applied to dbmmo in the cluster")
            try await database.writeRow(42)
            try await database.findsRow(42)
            let stranger = try await database.query("SELECT 1", password: "wrong")
            #expect(stranger.errorOutput.contains("Access denied"))
            try await database.delete()
            #expect(try await database.objects().isEmpty)
        }
    }
}
