import Glibc
import JSON
import TestSupport
import Testing

/// What the overlay `self-signed` installs, in the cluster of the node: dbmmo runs in pods, from an image that holds the program under test.
struct InClusterInstallation: Sendable {
    @TaskLocal static var shared: InClusterInstallation?

    /// The installation of the test that runs.
    static var current: InClusterInstallation { get throws { try #require(shared) } }

    static let namespace = "dbmmo-system"

    let controlPlane: ControlPlane
    /// Holds the manifest.
    private let directory: TemporaryDirectory
    private var manifest: String { directory.file("dbmmo-self-signed.yaml") }

    // MARK: Coming and going

    static func install() async throws -> InClusterInstallation {
        let controlPlane = try #require(try await ControlPlane.ofNode(), "the tests do not run on a node: scripts/test starts one")
        let definition = ["get", "crd", "dbmmomysqls.cache.my.domain", "--ignore-not-found", "-o", "name"]
        try #require(try await controlPlane.demandKubectl(definition).isEmpty, "somebody has left dbmmo on this node: start another one")
        let installation = InClusterInstallation(controlPlane: controlPlane, directory: try TemporaryDirectory())
        do {
            try await installation.loadImage()
            try await installation.render()
            try await installation.deleteObjects()
            try await installation.start()
        } catch {
            await installation.explain()
            await installation.remove()
            throw error
        }
        return installation
    }

    /// Gives the node the image that `scripts/test` has made, or one that is made now.
    private func loadImage() async throws {
        let made = getenv("DBMMO_IMAGE").map { String(cString: $0) }
        let image = made ?? directory.file("image.tar")
        if made == nil { try await Tool.demand(Project.path("scripts/archive-image"), [Project.binary, image]) }
        try await Tool.demand(Project.path("scripts/control-plane"), ["load-image", image, controlPlane.directory.path])
        if made == nil { unlink(image) }
    }

    /// Writes the manifest, its objects in versions that this API server has.
    private func render() async throws {
        let served = try await controlPlane.demandKubectl(["api-versions"]).split(separator: "\n")
        let components = served.contains("policy/v1") ? [] : ["--component", "policy-v1beta1"]
        try await Tool.demand(Project.path("scripts/build-manifests"), components + [directory.path])
    }

    private func start() async throws {
        let start = ContinuousClock.now
        try await controlPlane.demandKubectl(["apply", "-f", manifest])
        try await kubectl(["rollout", "status", "deployment/dbmmo", "--timeout=60s"])
        print("figures: the Deployment is available \(ContinuousClock.now - start) after kubectl apply began")
        // The API server learns of the CA in the registrations a moment later.
        try await poll("bad objects are refused", every: .milliseconds(100)) {
            let sample = Project.path("manifests/samples/bad-deployment-type.yaml")
            return try await controlPlane.kubectl(["apply", "--dry-run=server", "-f", sample]).errorOutput
                .contains("is invalid: spec.deploymentType")
        }
    }

    /// Leaves the cluster as it was before: the next suite begins with an empty one.
    func remove() async {
        do {
            // The worker has to let go of its databases first, which go with the namespaces of the tests.
            try await poll("the databases of the tests are gone", for: .seconds(90), every: .milliseconds(200)) {
                try await controlPlane.kubectl(["get", "dbmmo", "-A", "-o", "name"]).output.isEmpty
            }
        } catch {
            Issue.record(error)
            await explain()
        }
        do {
            if access(manifest, F_OK) == 0 { try await deleteObjects() }
            try directory.remove()
        } catch {
            Issue.record(error)
        }
    }

    /// Deletes all that the manifest names, in the order of docs/install.md.
    private func deleteObjects() async throws {
        let registrations = "mutatingwebhookconfiguration,validatingwebhookconfiguration"
        try await controlPlane.demandKubectl(["delete", registrations, "dbmmo", "--ignore-not-found"])
        _ = try await controlPlane.kubectl([
            "delete", "deployment,pod", "--all", "--namespace", Self.namespace, "--force", "--grace-period=0", "--wait=false"
        ])
        try await controlPlane.demandKubectl(["delete", "-f", manifest, "--ignore-not-found", "--timeout=120s"])
    }

    // MARK: Looking

    /// Runs kubectl in the namespace of the installation, where it has to succeed.
    @discardableResult
    func kubectl(_ arguments: [String], input: String? = nil) async throws -> String {
        try await controlPlane.demandKubectl(["--namespace", Self.namespace] + arguments, input: input)
    }

    func get(_ arguments: String...) async throws -> JSONValue { try json(try await kubectl(["get"] + arguments + ["-o", "json"])) }

    /// All pods, also those that are about to go.
    private func allPods() async throws -> [InClusterPod] {
        (try await get("pods", "-l", "app.kubernetes.io/name=dbmmo")["items"]?.elements ?? []).compactMap(InClusterPod.init)
    }

    /// The pods that are not about to go.
    func pods() async throws -> [InClusterPod] { try await allPods().filter { !$0.isEnding } }

    /// Waits until two pods are ready and receive requests, no other one runs, and one of the two leads.
    @discardableResult
    func isWhole(within limit: Duration = .seconds(60)) async throws -> [InClusterPod] {
        var found: [InClusterPod] = []
        try await poll("both pods are ready, and one leads", for: limit, every: .milliseconds(200)) {
            let all = try await allPods()
            found = all.filter { !$0.isEnding }
            guard found.count == 2, found.allSatisfy(\.isReady) else { return false }
            // A kubelet of 1.20 may notice a minute late that a pod has ended.
            for pod in all where pod.isEnding {
                if try await pod.process() != nil { return false }
            }
            let subsets = try await get("endpoints", "dbmmo-webhook")["subsets"]?.elements ?? []
            let addresses = subsets.flatMap { $0["addresses"]?.elements ?? [] }.compactMap { $0["targetRef"]?["name"]?.string }
            guard Set(addresses) == Set(found.map(\.name)), let holder = try await holder() else { return false }
            return found.contains { holder.hasPrefix("\($0.name)_") }
        }
        return found
    }

    /// Who has the lease of the worker: the name of a pod, and something random; nil when nobody has it.
    func holder() async throws -> String? {
        let holder = try await kubectl(["get", "lease", "dbmmo-worker", "-o", "jsonpath={.spec.holderIdentity}"])
        return holder.isEmpty ? nil : holder
    }

    /// The pod that leads, and the one that does not.
    func leaderAndOther() async throws -> (leader: InClusterPod, other: InClusterPod) {
        let pods = try await isWhole()
        let holder = try #require(try await holder())
        let leader = try #require(pods.first { holder.hasPrefix("\($0.name)_") })
        return (leader, try #require(pods.first { $0.name != leader.name }))
    }

    /// Waits until somebody leads who has not led before.
    func isLed(byOtherThan old: String, within limit: Duration) async throws -> String {
        var found: String?
        try await poll("another one leads", for: limit, every: .milliseconds(50)) {
            found = try await holder()
            return found != nil && found != old
        }
        return try #require(found)
    }

    // MARK: Disturbing

    /// Asks the eviction API to have a pod go, as `kubectl drain` does for each pod of a node.
    func evict(_ pod: String, in namespace: String = namespace) async throws -> Outcome {
        let eviction =
            #"{"apiVersion":"policy/v1beta1","kind":"Eviction","metadata":{"name":"\#(pod)","namespace":"\#(namespace)"}}"#
        let path = "/api/v1/namespaces/\(namespace)/pods/\(pod)/eviction"
        return try await controlPlane.kubectl(["create", "--raw", path, "-f", "-"], input: eviction)
    }

    // MARK: Explaining

    /// Prints what there is, for the reader of a failure.
    func explain() async {
        for command in [
            ["get", "deployment,pod,endpoints,lease,pdb", "-o", "wide"], ["get", "events", "--sort-by=.metadata.creationTimestamp"],
            ["logs", "-l", "app.kubernetes.io/name=dbmmo", "--prefix", "--tail=40"],
            ["logs", "-l", "app.kubernetes.io/name=dbmmo", "--prefix", "--tail=20", "--previous"]
        ] {
            guard let outcome = try? await controlPlane.kubectl(["--namespace", Self.namespace] + command) else { continue }
            print("--- kubectl -n \(Self.namespace) \(command.joined(separator: " "))\n\(outcome.output)\(outcome.errorOutput)")
        }
    }
}
