import JSON
import TestSupport
import Testing

@Suite("an installation", .serialized, .controlPlaneAvailable, .controllersAvailable, .timeLimit(.minutes(5)))
struct InstallationTests {
    @Test(
        "does all that it promises with the rights of its service account", arguments: ["self-signed", "cert-manager", "webhook-only"])
    func rights(overlay: String) async throws {
        try await Installation.with(overlay) { installation in
            let controlPlane = installation.controlPlane
            try await poll("bad objects are refused", for: .seconds(20), every: .milliseconds(200)) {
                try await controlPlane.kubectl(["apply", "-f", Project.path("manifests/samples/bad-deployment-type.yaml")])
                    .errorOutput.contains("is invalid: spec.deploymentType")
            }
            try await controlPlane.demandKubectl(["apply", "-f", Project.path("manifests/samples/good-oncluster.yaml")])
            let old = try await controlPlane.demandKubectl(["get", Version.v1alpha1.resource, "good-oncluster", "-o", "json"])
            #expect(try json(old)[path: ["spec", "size"]]?.integer == 1)

            let hasWorker = overlay != "webhook-only"
            let objects = "statefulset,service,secret,configmap,pvc"
            let ours = ["get", objects, "-l", "app.kubernetes.io/managed-by=dbmmo", "-o", "name"]
            if hasWorker {
                try await poll("the database is made", for: .seconds(20), every: .milliseconds(100)) {
                    try await Set(controlPlane.demandKubectl(ours).split(separator: "\n")).isSuperset(of: [
                        "statefulset.apps/good-oncluster", "service/good-oncluster", "persistentvolumeclaim/data-good-oncluster-0"
                    ])
                }
                try await poll("its events are told") {
                    try await !controlPlane.demandKubectl(["get", "events.events.k8s.io", "-o", "name"]).isEmpty
                }
            }
            try await controlPlane.demandKubectl(["delete", "dbmmo", "good-oncluster", "--timeout=60s"])
            #expect(try await controlPlane.demandKubectl(ours) == "")

            // Nothing was refused, and nothing more would be allowed.
            let log = installation.replicas.map(\.log).joined()
            #expect(!log.lowercased().contains("forbidden"), "\(log)")
            let writes = log.split(separator: "\n").filter { $0.hasSuffix("[Worker] created") }
            #expect(writes.isEmpty != hasWorker && writes.allSatisfy { $0.contains(" object=default/good-oncluster ") }, "\(log)")
            #expect(try await installation.may("create", "statefulsets.apps") == hasWorker)
            #expect(try await installation.may("get", "secrets") == hasWorker)
            for (verb, resource) in [
                ("create", "pods"), ("update", "dbmmomysqls.cache.my.domain"), ("create", "clusterroles.rbac.authorization.k8s.io"),
                ("create", "validatingwebhookconfigurations.admissionregistration.k8s.io"), ("list", "nodes"), ("impersonate", "users")
            ] {
                #expect(try await !installation.may(verb, resource), "\(verb) \(resource)")
            }
        }
    }
}
