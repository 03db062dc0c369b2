import Glibc
import JSON
import Subprocess
import TestSupport
import Testing

/// A real API server with the webhooks of a running dbmmo registered, shared by all tests of ``ClusterTests``.
struct Cluster: Sendable {
    @TaskLocal static var shared: Cluster?

    /// The cluster of the test that runs.
    static var current: Cluster { get throws { try #require(shared) } }

    let server: WebhookServer
    let controlPlane: ControlPlane
    /// Whether the control plane ends with it.
    private let ownsControlPlane: Bool
    private let api: String
    /// What the server and the tests put there.
    private let directory: TemporaryDirectory

    // MARK: Start and stop

    /// - Parameters:
    ///   - hasWorker: Whether the server also makes the databases real.
    ///   - options, environment: What else the server is started with.
    static func start(
        hasWorker: Bool = false, options: [String] = [], environment: [Environment.Key: String?] = [:]
    ) async throws -> Cluster {
        let controlPlane = try await ControlPlane.start()
        do {
            return try await Cluster(controlPlane, ownsControlPlane: true, hasWorker: hasWorker, options, environment)
        } catch {
            await controlPlane.stop()
            throw error
        }
    }

    /// Registers a server that also makes the databases real with the control plane of the node, on which pods really run.
    static func startOnNode(options: [String] = [], environment: [Environment.Key: String?] = [:]) async throws -> Cluster {
        let controlPlane = try #require(try await ControlPlane.ofNode(), "the tests do not run on a node: scripts/test starts one")
        return try await Cluster(controlPlane, ownsControlPlane: false, hasWorker: true, options, environment)
    }

    private init(
        _ controlPlane: ControlPlane, ownsControlPlane: Bool, hasWorker: Bool, _ options: [String],
        _ environment: [Environment.Key: String?]
    ) async throws {
        self.controlPlane = controlPlane
        self.ownsControlPlane = ownsControlPlane
        // A control plane that stays has held the files of another server before.
        directory = ownsControlPlane ? controlPlane.directory : try TemporaryDirectory()
        let user = "{.clusters[0].cluster.server} {.users[0].user.token} {.clusters[0].cluster.certificate-authority-data}"
        let access = try await controlPlane.demandKubectl(["config", "view", "--raw", "-o", "jsonpath=\(user)"]).split(separator: " ")
        api = String(access[0])
        _ = try directory.write("Authorization: Bearer \(access[1])\n", to: "authorization")
        _ = try directory.write(try await Tool.demand("openssl", ["base64", "-d", "-A"], input: String(access[2])), to: "api-ca.crt")

        let worker = hasWorker ? ["--kubeconfig", try await Self.workerAccess(controlPlane)] : []
        server = try await WebhookServer.start(
            in: directory, options: ["--shutdown-delay", "0s"] + worker + options,
            environment: environment.merging(["DBMMO_NO_WORKER": hasWorker ? nil : "true"]) { $1 })
        try await registerWebhooks()
    }

    /// A kubeconfig for the service account of the manifests, which may do what they say and nothing else.
    private static func workerAccess(_ controlPlane: ControlPlane) async throws -> String {
        let namespace = #"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"dbmmo-system"}}"#
        try await controlPlane.demandKubectl(["apply", "-f", "-"], input: namespace)
        for file in ["service-account", "worker"] {
            try await controlPlane.demandKubectl(["apply", "-f", Project.path("manifests/rbac/\(file).yaml")])
        }
        return try await controlPlane.serviceAccountKubeconfig()
    }

    func stop() async {
        if !ownsControlPlane {
            await leaveControlPlane()
            // It gives its lease back, so that the next one need not wait for its end.
            _ = try? await server.stop()
        }
        await server.send(SIGKILL)
        if ownsControlPlane { await controlPlane.stop() } else { try? directory.remove() }
    }

    /// Leaves the control plane as it was before: the next suite registers a server of its own.
    private func leaveControlPlane() async {
        do {
            // The worker has to let go of its databases first.
            try await poll("the databases of the tests are gone", for: .seconds(150), every: .milliseconds(200)) {
                try await kubectl(["get", "dbmmo", "-A", "-o", "name"]).output.isEmpty
            }
            try await unregisterWebhooks()
            try await demandKubectl(["delete", "-f", Project.path("manifests/crd/cache.my.domain_dbmmomysqls.yaml"), "--timeout=60s"])
        } catch {
            Issue.record(error)
        }
    }

    /// Registers CRD and webhooks as the manifests say, at the address of the server under test.
    func registerWebhooks() async throws {
        let outcome = try await shell("'\(Project.path("scripts/register"))' '\(server.url)' '\(server.caFile)'")
        guard outcome.exitCode == 0 else { throw ToolFailure("scripts/register", [server.url], outcome) }
        // The API server learns of it a moment later.
        try await poll("the webhooks are called") {
            let (isDefaulted, isRefused) = (try await isDefaulted, try await isRefused)
            return isDefaulted && isRefused
        }
    }

    func unregisterWebhooks() async throws {
        try await demandKubectl(["delete", "mutatingwebhookconfiguration,validatingwebhookconfiguration", "dbmmo"])
        try await poll("the webhooks are no longer called") {
            let (isDefaulted, isRefused) = (try await isDefaulted, try await isRefused)
            return !isDefaulted && !isRefused
        }
    }

    /// Whether the mutating webhook fills in what an object lacks.
    private var isDefaulted: Bool {
        get async throws { try await dryRun("{}").output.contains(#""replicas": 1"#) }
    }

    /// Whether the validating webhook refuses a wrong object.
    private var isRefused: Bool {
        get async throws { try await dryRun(#"{"deploymentType":"Mars"}"#).errorOutput.contains("is invalid: spec.deploymentType") }
    }

    private func dryRun(_ spec: String) async throws -> Outcome {
        let object = #"{"apiVersion":"cache.my.domain/v1","kind":"DBMMOMySQL","metadata":{"name":"probe"},"spec":\#(spec)}"#
        return try await kubectl(["create", "--dry-run=server", "-o", "json", "-f", "-"], input: object)
    }

    // MARK: Faults

    /// Kills a program of the control plane.
    func crash(_ program: String) async throws { try await controlPlane.crash(program) }

    /// Starts a program that was killed again, with what it had stored.
    func revive(_ program: String) async throws { try await controlPlane.revive(program) }

    /// Where the kubeconfig of the worker is.
    var workerKubeconfig: String { controlPlane.serviceAccountKubeconfigFile }

    // MARK: Use

    func kubectl(_ arguments: [String], input: String? = nil) async throws -> Outcome {
        try await controlPlane.kubectl(arguments, input: input)
    }

    @discardableResult
    func demandKubectl(_ arguments: [String], input: String? = nil) async throws -> String {
        try await controlPlane.demandKubectl(arguments, input: input)
    }

    func shell(_ command: String) async throws -> Outcome { try await controlPlane.shell(command) }

    /// Options for curl to speak to the API server as its administrator.
    var curlAccess: [String] {
        ["--silent", "--show-error", "--cacert", directory.file("api-ca.crt"), "--header", "@\(directory.file("authorization"))"]
    }

    func apiURL(_ path: String) -> String { api + path }

    func write(_ text: String, to name: String) throws -> String { try directory.write(text, to: name) }

    /// What etcd holds for an object.
    func stored(_ name: String, namespace: String) async throws -> JSONValue {
        let key = try await Tool.demand("openssl", ["base64", "-A"], input: "/registry/cache.my.domain/dbmmomysqls/\(namespace)/\(name)")
        let answer = try json(try await controlPlane.etcd("/v3/kv/range", #"{"key":"\#(key)"}"#))
        let value = try #require(answer["kvs"]?.elements.first?["value"]?.string)
        return try json(try await Tool.demand("openssl", ["base64", "-d", "-A"], input: value))
    }

    /// A new namespace, so that the objects of tests do not meet. It goes with the control plane.
    func namespace() async throws -> Namespace {
        Namespace(cluster: self, name: try await controlPlane.namespace())
    }
}
