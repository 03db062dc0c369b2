import FoundationEssentials
import Glibc
import JSON
import Subprocess
import TestSupport
import Testing

/// Several `dbmmo serve --self-signed` of one cluster. They act as a service account that may do just what `manifests/rbac` allows, and are
/// registered as `manifests` say, but by the addresses of the processes: every validation asks all of them.
actor SelfSignedReplicas {
    nonisolated let ports: [UInt16]
    nonisolated let operationsPorts: [UInt16]
    private let kubeconfig: String
    private let options: [String]
    private var processes: [ServerProcess] = []

    private static let namespace = "dbmmo-system"
    private static let registration = """
        def client(url): {url: url};
        if .kind == "CustomResourceDefinition" then .spec.conversion.webhook.clientConfig = client("\\($urls[0])/convert")
        elif .kind == "MutatingWebhookConfiguration" then .webhooks[0].clientConfig = client("\\($urls[1])/mutate")
        else .webhooks[0] as $one | .webhooks = [$urls | to_entries[] | .key as $key | .value as $url
          | $one | .name = "validate-\\($key).dbmmomysqls.cache.my.domain" | .clientConfig = client("\\($url)/validate")] end
        """

    /// Starts the replicas all at once.
    static func with<Result>(
        lifetime: String, authority: String, settling: String, _ body: (SelfSignedReplicas) async throws -> Result
    ) async throws -> Result {
        let replicas = try await SelfSignedReplicas(
            count: 3,
            options: ["--self-signed-lifetime", lifetime, "--self-signed-ca-lifetime", authority, "--self-signed-settling", settling])
        return try await withCleanup({ await replicas.end() }) {
            try await replicas.register()
            try await replicas.start()
            return try await body(replicas)
        }
    }

    private init(count: Int, options: [String]) async throws {
        var ports: [UInt16] = []
        for _ in 0..<count * 2 { ports.append(try LoopbackAddress.freePort()) }
        self.ports = Array(ports.prefix(count))
        operationsPorts = Array(ports.suffix(count))
        self.options = options
        kubeconfig = try await Self.serviceAccount()
    }

    /// Gives the kubeconfig of the service account, whose rights are those of the manifest.
    private static func serviceAccount() async throws -> String {
        let controlPlane = try ControlPlane.current
        _ = try await controlPlane.kubectl(["create", "namespace", namespace])
        for file in ["service-account", "certificates"] {
            try await controlPlane.demandKubectl(["apply", "-f", Project.path("manifests/rbac/\(file).yaml")])
        }
        return try await controlPlane.serviceAccountKubeconfig()
    }

    /// As the manifests say, without a bundle, and without what an earlier test left.
    private func register() async throws {
        for leftover in [
            ["delete", "secret", "dbmmo-webhook-certs", "-n", Self.namespace],
            ["delete", "validatingwebhookconfiguration,mutatingwebhookconfiguration", "dbmmo"],
            [
                "patch", "crd", "dbmmomysqls.cache.my.domain", "--type=json", "-p",
                #"[{"op":"remove","path":"/spec/conversion/webhook/clientConfig/caBundle"}]"#
            ]
        ] { _ = try await ControlPlane.current.kubectl(leftover) }
        let urls = ports.map { #""https://127.0.0.1:\#($0)""# }.joined(separator: ",")
        let filter = Self.registration.replacing("'", with: "")
        let command = """
            for file in '\(Project.path("manifests/crd/cache.my.domain_dbmmomysqls.yaml"))' '\(Project.path("manifests/webhook/webhooks.yaml"))'; do
              kubectl create --dry-run=client --validate=false --output=json --filename "$file" | jq -c 'if .kind == "List" then .items[] else . end' \
                | jq --argjson urls '[\(urls)]' '\(filter)' | kubectl apply --filename - || exit 1
            done
            """
        let outcome = try await ControlPlane.current.shell(command)
        guard outcome.exitCode == 0 else { throw ToolFailure("sh", [command], outcome) }
    }

    private func start() async throws {
        for index in ports.indices { processes.append(try await launch(index)) }
    }

    private func launch(_ index: Int) async throws -> ServerProcess {
        try await ServerProcess.launch(
            [
                "serve", "--listen", "127.0.0.1:\(ports[index])", "--ops-listen", "127.0.0.1:\(operationsPorts[index])", "--cert-dir",
                "/nowhere", "--self-signed", "--self-signed-ip-address", "127.0.0.1", "--webhook-configuration", "dbmmo", "--log-level",
                "debug", "--shutdown-delay", "0s", "--idle-timeout", "1s"
            ] + options, environment: ["KUBECONFIG": kubeconfig])
    }

    private func end() {
        for process in processes { process.send(SIGKILL) }
    }

    // MARK: Looking

    nonisolated func readiness(_ index: Int) async throws -> String {
        try await Tool.run(
            "curl",
            ["--silent", "--max-time", "5", "--write-out", "%{http_code}", "http://127.0.0.1:\(operationsPorts[index])/readyz?verbose"]
        ).output
    }

    nonisolated func waitUntilReady() async throws {
        for index in ports.indices {
            do {
                try await poll("replica \(index) is ready", for: .seconds(20), every: .milliseconds(50)) {
                    try await readiness(index).hasSuffix("200")
                }
            } catch {
                throw ServerDidNotStart(log: await log(index), cause: error)
            }
        }
    }

    nonisolated func metrics(_ index: Int) async throws -> MetricsPage {
        try MetricsPage(
            parsing: try await Tool.demand("curl", ["--silent", "--max-time", "20", "http://127.0.0.1:\(operationsPorts[index])/metrics"]))
    }

    /// The fingerprint of what a replica presents.
    nonisolated func fingerprint(_ index: Int) async throws -> [UInt8] {
        let port = ports[index]
        return try await onOwnThread { try TLSClient.connected(port: port).serverFingerprint() }
    }

    func log(_ index: Int) -> String { processes[index].log }

    /// All that was written.
    var log: String { processes.map(\.log).joined() }

    // MARK: Faults

    /// Ends a replica without warning, and starts another one in its place.
    func crash(_ index: Int) async throws {
        processes[index].send(SIGKILL)
        try await processes[index].ended()
        processes[index] = try await launch(index)
    }

    // MARK: The cluster

    /// The bundle of each client of the three registrations.
    nonisolated func bundles() async throws -> [String] {
        let controlPlane = try ControlPlane.current
        let list = try json(
            try await controlPlane.demandKubectl([
                "get", "validatingwebhookconfiguration/dbmmo", "mutatingwebhookconfiguration/dbmmo", "crd/dbmmomysqls.cache.my.domain",
                "-o",
                "json"
            ]))
        return (list["items"]?.elements ?? []).flatMap { item in
            (item["webhooks"]?.elements ?? []).map { $0["clientConfig"] } + [item["spec"]?["conversion"]?["webhook"]?["clientConfig"]]
        }.compactMap { $0 }.map { $0["caBundle"]?.string ?? "" }
    }

    /// A member of the Secret's data, decoded; empty when there is none.
    nonisolated func secret(_ member: String) async throws -> String {
        let text = try await ControlPlane.current.kubectl([
            "get", "secret", "dbmmo-webhook-certs", "-n", Self.namespace, "-o", "json", "--ignore-not-found"
        ]).output
        guard !text.isEmpty, let value = try json(text)["data"]?[member]?.string, let data = Data(base64Encoded: value) else { return "" }
        return String(decoding: data, as: UTF8.self)
    }

    nonisolated func deleteSecret() async throws {
        try await ControlPlane.current.demandKubectl(["delete", "secret", "dbmmo-webhook-certs", "-n", Self.namespace])
    }

    /// Whether all bundles are the one of the Secret.
    nonisolated func agree() async throws -> Bool {
        let bundle = try await secret("ca.crt")
        let bundles = try await bundles()
        return !bundle.isEmpty && bundles.count == 5 && Set(bundles) == [Data(bundle.utf8).base64EncodedString()]
    }
}
