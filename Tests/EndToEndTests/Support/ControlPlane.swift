import Glibc
import JSON
import Subprocess
import TestSupport
import Testing

/// A real etcd, kube-apiserver and, where there is one, kube-controller-manager.
struct ControlPlane: Sendable {
    @TaskLocal static var shared: ControlPlane?

    /// The control plane of the test that runs.
    static var current: ControlPlane { get throws { try #require(shared) } }

    /// Everything of the control plane, and what tests put there; removed with it.
    let directory: TemporaryDirectory
    private let kubectlPath: String
    /// The path of a kubeconfig of the administrator.
    let kubeconfig: String

    static func start() async throws -> ControlPlane {
        let directory = try TemporaryDirectory()
        do {
            try await Tool.demand(Project.path("scripts/control-plane"), ["start", "--dir", directory.path, "--parent-pid", "\(getpid())"])
            return try await ControlPlane(directory)
        } catch {
            _ = try await Tool.run(Project.path("scripts/control-plane"), ["stop", directory.path])
            try? directory.remove()
            throw error
        }
    }

    /// The one of the node in whose namespaces the tests run, which ends when they have ended; nil where there is no node.
    static func ofNode() async throws -> ControlPlane? {
        guard let path = getenv("CONTROL_PLANE_DIR").map({ String(cString: $0) }) else { return nil }
        let directory = TemporaryDirectory(existing: path)
        guard let namespace = try? directory.text(of: "node/namespace").trimmed,
            try await Tool.demand("readlink", ["/proc/self/ns/net"]).trimmed == namespace
        else { return nil }
        return try await ControlPlane(directory)
    }

    private init(_ directory: TemporaryDirectory) async throws {
        self.directory = directory
        let variables = #". "$1/env" && printf '%s\n' "$KUBEBUILDER_ASSETS" "$KUBECONFIG""#
        let paths = try await Tool.demand("sh", ["-c", variables, "sh", directory.path]).split(separator: "\n")
        kubectlPath = "\(paths[0])/kubectl"
        kubeconfig = String(paths[1])
    }

    /// Where the programs of the control plane and of the node write what they do, by program.
    func log(of program: String) throws -> String { try directory.text(of: "\(program).log") }

    func stop() async {
        _ = try? await Tool.run(Project.path("scripts/control-plane"), ["stop", directory.path])
    }

    // MARK: Faults

    /// Kills a program.
    func crash(_ program: String) async throws {
        try await Tool.demand(Project.path("scripts/control-plane"), ["crash", program, directory.path])
    }

    /// Starts a program that was killed again, with what it had stored.
    func revive(_ program: String) async throws {
        try await Tool.demand(Project.path("scripts/control-plane"), ["revive", program, directory.path])
    }

    // MARK: Use

    func kubectl(_ arguments: [String], input: String? = nil) async throws -> Outcome {
        try await Tool.run(kubectlPath, ["--kubeconfig", kubeconfig, "--request-timeout", "60s"] + arguments, input: input)
    }

    /// Runs kubectl where it has to succeed, and returns its output.
    @discardableResult
    func demandKubectl(_ arguments: [String], input: String? = nil) async throws -> String {
        let outcome = try await kubectl(arguments, input: input)
        guard outcome.exitCode == 0 else { throw ToolFailure("kubectl", arguments, outcome) }
        return outcome.output
    }

    /// Runs a command line as a user would type it, with kubectl set up for this cluster.
    func shell(_ command: String) async throws -> Outcome {
        try await Tool.run("sh", ["-c", #". "$1/env" && eval "$2""#, "sh", directory.path, command])
    }

    /// Asks etcd past the API server, through its gateway for JSON.
    func etcd(_ path: String, _ request: String) async throws -> String {
        let find = #"tr '\0' '\n' <"/proc/$(cat "$1/etcd.pid")/cmdline" | sed -n 's/^--advertise-client-urls=//p'"#
        let url = try await Tool.demand("sh", ["-c", find, "sh", directory.path])
        return try await Tool.demand("curl", [url.trimmed + path, "--silent", "--show-error", "--fail", "--data", request])
    }

    /// A new namespace, so that the objects of tests do not meet. It goes with the control plane.
    func namespace() async throws -> String {
        let name = "test-\(String(UInt64.random(in: .min ... .max), radix: 36))"
        CreatedNamespaces.current?.note(name)
        try await demandKubectl(["create", "namespace", name])
        return name
    }

    // MARK: The service account

    var serviceAccountKubeconfigFile: String { directory.file("service-account.kubeconfig") }

    /// Writes a kubeconfig for the service account of the manifests, which has to be there.
    ///
    /// - Returns: The path of the file.
    func serviceAccountKubeconfig() async throws -> String {
        let path = "/api/v1/namespaces/dbmmo-system/serviceaccounts/dbmmo/token"
        let request = #"{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"expirationSeconds":3600}}"#
        let answer = try json(try await demandKubectl(["create", "--raw", path, "-f", "-"], input: request))
        let token = try #require(answer["status"]?["token"]?.string)
        let paths = "{.clusters[0].cluster.server} {.clusters[0].cluster.certificate-authority-data}"
        let known = try await demandKubectl(["config", "view", "--raw", "-o", "jsonpath=\(paths)"]).split(separator: " ")
        let kubeconfig = """
            current-context: pod
            contexts: [{name: pod, context: {cluster: test, user: dbmmo, namespace: dbmmo-system}}]
            clusters: [{name: test, cluster: {server: '\(known[0])', certificate-authority-data: \(known[1])}}]
            users: [{name: dbmmo, user: {token: \(token)}}]
            """
        return try directory.write(kubeconfig, to: "service-account.kubeconfig")
    }
}
