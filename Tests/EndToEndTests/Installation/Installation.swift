import Glibc
import JSON
import Subprocess
import TestSupport
import Testing

/// What an overlay of `manifests` installs, in a control plane of its own. Its two replicas are processes beside the tests, with the arguments and
/// the environment of the Deployment, and act as its service account.
struct Installation {
    let controlPlane: ControlPlane
    let replicas: [ServerProcess]
    private let operationsPorts: [UInt16]

    static func with<Result>(_ overlay: String, _ body: (Installation) async throws -> Result) async throws -> Result {
        let controlPlane = try await ControlPlane.start()
        return try await withCleanup({ await controlPlane.stop() }) {
            let installation = try await Installation(overlay, controlPlane)
            return try await withCleanup({ for replica in installation.replicas { replica.send(SIGKILL) } }) {
                try await installation.waitUntilReady()
                return try await body(installation)
            }
        }
    }

    private init(_ overlay: String, _ controlPlane: ControlPlane) async throws {
        self.controlPlane = controlPlane
        let ports = [try LoopbackAddress.freePort(), try LoopbackAddress.freePort()]
        operationsPorts = [try LoopbackAddress.freePort(), try LoopbackAddress.freePort()]
        let certificates = controlPlane.directory.file("certs")
        let objects = try await Self.render(overlay, in: controlPlane.directory, certificates, url: "https://127.0.0.1:\(ports[0])")
        try await controlPlane.demandKubectl(["apply", "-f", "-"], input: objects)
        var (arguments, environment) = try await Self.container(controlPlane)
        environment["KUBECONFIG"] = try await controlPlane.serviceAccountKubeconfig()
        // What differs because no pod runs here.
        environment["DBMMO_CERT_DIR"] = certificates
        environment["DBMMO_SELF_SIGNED_IP_ADDRESS"] = "127.0.0.1"
        environment["DBMMO_WEBHOOK_CONFIGURATION"] = "dbmmo"
        var replicas: [ServerProcess] = []
        for (port, operationsPort) in zip(ports, operationsPorts) {
            environment["DBMMO_LISTEN"] = "127.0.0.1:\(port)"
            environment["DBMMO_OPS_LISTEN"] = "127.0.0.1:\(operationsPort)"
            replicas.append(try await ServerProcess.launch(arguments, environment: environment))
        }
        self.replicas = replicas
    }

    /// How the Deployment has the program run.
    private static func container(_ controlPlane: ControlPlane) async throws -> ([String], [Environment.Key: String?]) {
        let deployment = try json(try await controlPlane.demandKubectl(["get", "deployment", "dbmmo", "-n", "dbmmo-system", "-o", "json"]))
        let container = deployment[path: ["spec", "template", "spec", "containers"]]?.elements.first
        var environment: [Environment.Key: String?] = ["DBMMO_NO_WORKER": nil]
        for variable in container?["env"]?.elements ?? [] {
            guard let name = variable["name"]?.string.flatMap(Environment.Key.init(rawValue:)) else { continue }
            environment[name] = variable["value"]?.string
        }
        return ((container?["args"]?.elements ?? []).compactMap(\.string), environment)
    }

    /// The objects of an overlay that this API server knows, one JSON text after the other.
    ///
    /// API servers reach a Service in a cluster only, so the registrations name the first replica by its address.
    private static func render(
        _ overlay: String, in directory: TemporaryDirectory, _ certificates: String, url: String
    ) async throws -> String {
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
