import Glibc
import JSON
import Subprocess
import TestSupport
import Testing

/// What an overlay of `manifests` installs, in a control plane of its own. Its two replicas are processes beside the tests, with the arguments and
/// the environment of the Deployment, and act as its service account.
struct Installation {
    let controlPlane: ControlPlane
    private(set) var replicas: [ServerProcess] = []
    private(set) var operationsPorts: [UInt16] = []
    private let overlay: String

    static func with<Result>(_ overlay: String, _ body: (Installation) async throws -> Result) async throws -> Result {
        let controlPlane = try await ControlPlane.start()
        return try await withCleanup({ await controlPlane.stop() }) {
            var installation = Installation(controlPlane, overlay)
            let replicas = try await installation.install()
            return try await withCleanup({ for replica in replicas { replica.send(SIGKILL) } }) {
                try await installation.waitUntilReady()
                return try await body(installation)
            }
        }
    }

    private init(_ controlPlane: ControlPlane, _ overlay: String) {
        self.controlPlane = controlPlane
        self.overlay = overlay
    }

    /// API servers reach a Service in a cluster only, so the registrations name the first replica by its address. Whoever writes the CA does so there.
    private mutating func install() async throws -> [ServerProcess] {
        let ports = [try LoopbackAddress.freePort(), try LoopbackAddress.freePort()]
        operationsPorts = [try LoopbackAddress.freePort(), try LoopbackAddress.freePort()]
        let objects = try await render(url: "https://127.0.0.1:\(ports[0])")
        try await controlPlane.demandKubectl(["apply", "-f", "-"], input: objects)
        let container = try json(
            try await controlPlane.demandKubectl(["get", "deployment", "dbmmo", "-n", "dbmmo-system", "-o", "json"]))[
                path: ["spec", "template", "spec"]]?["containers"]?.elements.first
        let arguments = (container?["args"]?.elements ?? []).compactMap(\.string)
        var environment: [Environment.Key: String?] = [
            "DBMMO_NO_WORKER": nil, "KUBECONFIG": try await controlPlane.serviceAccountKubeconfig()
        ]
        for variable in container?["env"]?.elements ?? [] {
            guard let name = variable["name"]?.string.flatMap(Environment.Key.init(rawValue:)) else { continue }
            environment[name] = variable["value"]?.string
        }
        // What differs because no pod runs here.
        environment["DBMMO_CERT_DIR"] = certificates
        environment["DBMMO_SELF_SIGNED_IP_ADDRESS"] = "127.0.0.1"
        environment["DBMMO_WEBHOOK_CONFIGURATION"] = "dbmmo"
        for (port, operationsPort) in zip(ports, operationsPorts) {
            environment["DBMMO_LISTEN"] = "127.0.0.1:\(port)"
            environment["DBMMO_OPS_LISTEN"] = "127.0.0.1:\(operationsPort)"
            replicas.append(try await ServerProcess.launch(arguments, environment: environment))
        }
        return replicas
    }

    private var certificates: String { controlPlane.directory.file("certs") }

    /// The objects of the overlay that this API server knows, one JSON text after the other.
    private func render(url: String) async throws -> String {
        var authority = ""
        if overlay == "cert-manager" {
            // Who makes the certificate and writes its CA, where there is a cert-manager.
            try await Tool.demand(Project.binary, ["certs", "--dir", certificates, "--ip-address", "127.0.0.1"])
            authority = try await Tool.demand("openssl", ["base64", "-A", "-in", "\(certificates)/ca.crt"])
        }
        let filter = """
            def client: {url: ($url + .service.path)} + if $ca == "" then {} else {caBundle: $ca} end;
            select(.apiVersion as $version | $served | split("\\n") | index($version))
              | if .kind == "CustomResourceDefinition" then .spec.conversion.webhook.clientConfig |= client
                elif .kind | endswith("WebhookConfiguration") then .webhooks[].clientConfig |= client
                else . end
            """
        let script = """
            . "$7/env" && "$1/scripts/build-manifests" "$2" && kubectl api-versions >"$2/served" \
              && python3 -c 'import json, sys, yaml; [print(json.dumps(each)) for each in yaml.safe_load_all(sys.stdin)]' <"$2/dbmmo-$3.yaml" \
              | jq -c --arg url "$4" --arg ca "$5" --rawfile served "$2/served" "$6"
            """
        let directory = controlPlane.directory
        return try await Tool.demand(
            "sh", ["-c", script, "sh", Project.root, directory.file("rendered"), overlay, url, authority, filter, directory.path])
    }

    private func waitUntilReady() async throws {
        for (replica, port) in zip(replicas, operationsPorts) {
            do {
                try await poll("a replica is ready", for: .seconds(20)) {
                    try await Tool.run("curl", ["--silent", "--fail", "http://127.0.0.1:\(port)/readyz"]).exitCode == 0
                }
            } catch {
                throw ServerDidNotStart(log: replica.log, cause: error)
            }
        }
    }

    /// Whether the service account may do something in all namespaces.
    func may(_ verb: String, _ resource: String) async throws -> Bool {
        try await controlPlane.kubectl([
            "auth", "can-i", verb, resource, "--all-namespaces", "--as", "system:serviceaccount:dbmmo-system:dbmmo"
        ]).exitCode == 0
    }
}
