import FoundationEssentials
import JSON
import KubernetesAPI
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

@testable import KubernetesClient

extension ClientTests {
    @Suite("credentials", .serialized)
    struct APICredentialTests {
        /// As whom the API server knows a client who may do nothing.
        private func user(_ configuration: ClusterConfiguration) async throws -> String? {
            try await withClient(configuration) { client in
                let error = await #expect(throws: KubernetesError.self) {
                    try await client.get(configMaps, ObjectKey(namespace: "default", name: "none"))
                }
                guard let error, error.isForbidden else { return error.map { "\($0)" } }
                return error.status?.message.split(separator: "\"").dropFirst(3).first.map(String.init)
            }
        }

        private var directory: TemporaryDirectory { get throws { try ControlPlane.current.directory } }

        /// Makes a client certificate. Gives the paths of it and of its key.
        private func certificate(of name: String) async throws -> (certificate: String, key: String) {
            let directory = try directory
            let (key, request, certificate) = (directory.file("\(name).key"), directory.file("\(name).csr"), directory.file("\(name).crt"))
            try await Tool.demand(
                "openssl",
                [
                    "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=\(name)", "-keyout", key,
                    "-out", request
                ])
            try await Tool.demand(
                "openssl",
                [
                    "x509", "-req", "-in", request, "-CA", directory.file("client-ca.crt"), "-CAkey", directory.file("client-ca.key"),
                    "-set_serial", "\(UInt32.random(in: 1 ... .max))", "-days", "2", "-out", certificate
                ])
            return (certificate, key)
        }

        private func base64(_ path: String) throws -> String {
            try Data(contentsOf: URL(filePath: path)).base64EncodedString()
        }

        @Test("a client certificate, from files and in place")
        func clientCertificate() async throws {
            let (certificate, key) = try await certificate(of: "alice")
            let files = try await configuration(user: "{client-certificate: '\(certificate)', client-key: '\(key)'}")
            #expect(try await user(files) == "alice")
            let inPlace = try await configuration(
                user: "{client-certificate-data: \(try base64(certificate)), client-key-data: \(try base64(key))}")
            #expect(try await user(inPlace) == "alice")
        }

        @Test("a client certificate that is replaced in its file is used after the old one is refused")
        func replacedCertificate() async throws {
            let (certificate, key) = try await certificate(of: "bob")
            let configuration = try await configuration(user: "{client-certificate: '\(certificate)', client-key: '\(key)'}")
            let provider = AccessProvider(configuration)
            let before = try await provider.current()
            let (other, otherKey) = try await self.certificate(of: "carol")
            try await Tool.demand("cp", [other, certificate])
            try await Tool.demand("cp", [otherKey, key])
            await provider.refuse(before)
            #expect(try await provider.current().generation == before.generation + 1)
            #expect(try await user(configuration) == "carol")
        }

        @Test("a plugin that gives a certificate, and one that gives a token", arguments: ["v1", "v1beta1"])
        func plugins(version: String) async throws {
            let (certificate, key) = try await certificate(of: "dora-\(version)")
            let script = """
                #!/bin/sh
                jq -n --rawfile crt '\(certificate)' --rawfile key '\(key)' \
                  '{apiVersion: "client.authentication.k8s.io/\(version)", kind: "ExecCredential", status: {clientCertificateData: $crt, clientKeyData: $key}}'
                """
            let path = try directory.write(script, to: "plugin-\(version)")
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
            let exec = "{exec: {apiVersion: client.authentication.k8s.io/\(version), command: '\(path)', interactiveMode: Never}}"
            #expect(try await user(try await configuration(user: exec)) == "dora-\(version)")

            let token = try String(contentsOfFile: try directory.file("tokens.csv"), encoding: .utf8).split(separator: ",")[0]
            let output =
                #"{"apiVersion":"client.authentication.k8s.io/\#(version)","kind":"ExecCredential","status":{"token":"'"$TOKEN"'"}}"#
            let tokenScript = try directory.write("#!/bin/sh\nprintf '%s' '\(output)'\n", to: "token-plugin-\(version)")
            let tokenExec = """
                {exec: {apiVersion: client.authentication.k8s.io/\(version), command: sh, args: ['\(tokenScript)'], \
                env: [{name: TOKEN, value: \(token)}], interactiveMode: Never}}
                """
            try await withClient(try await configuration(user: tokenExec)) { client in
                _ = try await client.get(namespaces, ObjectKey(name: "default"))
            }
        }

        @Test("the service account of a pod, whose token is replaced")
        func serviceAccount() async throws {
            let controlPlane = try ControlPlane.current
            let namespace = try await controlPlane.namespace()
            let account = controlPlane.directory.file("account-\(namespace)")
            try FileManager.default.createDirectory(atPath: account, withIntermediateDirectories: true)
            let accounts = ResourceType(version: "v1", resource: "serviceaccounts", kind: "ServiceAccount")
            func writeToken(_ name: String) async throws {
                try await withClient { client in
                    let body = #"{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"\#(name)"}}"#
                    _ = try await client.create(accounts, namespace: namespace, ByteBuffer(string: body))
                    var request = APIRequest(.POST, accounts.path(of: ObjectKey(namespace: namespace, name: name), subresource: "token"))
                    let ask = #"{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{}}"#
                    request.body = APIRequest.Body(contentType: "application/json", bytes: ByteBuffer(string: ask))
                    let answer = try KubernetesClient.json(try await client.answer(to: request, within: .seconds(10)), of: request)
                    let token = try #require(answer["status"]?["token"]?.string)
                    try Data(token.utf8).write(to: URL(filePath: "\(account)/token"))
                }
            }
            let paths = "{.clusters[0].cluster.server} {.clusters[0].cluster.certificate-authority-data}"
            let known = try await controlPlane.demandKubectl(["config", "view", "--raw", "-o", "jsonpath=\(paths)"]).split(separator: " ")
            try Data(base64Encoded: String(known[1]))?.write(to: URL(filePath: "\(account)/ca.crt"))
            try Data(namespace.utf8).write(to: URL(filePath: "\(account)/namespace"))
            try await writeToken("first")

            let address = known[0].dropFirst("https://".count).split(separator: ":").map(String.init)
            let variables = ["KUBERNETES_SERVICE_HOST": address[0], "KUBERNETES_SERVICE_PORT": address[1]]
            let surroundings = ClusterConfiguration.Surroundings(variable: { variables[$0] }, serviceAccount: account)
            let configuration = try ClusterConfiguration.load(kubeconfig: nil, context: nil, in: surroundings)
            #expect(configuration.namespace == namespace)
            #expect(try await user(configuration) == "system:serviceaccount:\(namespace):first")

            try await withClient(configuration) { client in
                let key = ObjectKey(namespace: namespace, name: "none")
                let before = await #expect(throws: KubernetesError.self) { try await client.get(configMaps, key) }
                #expect(before?.description.contains(":first") == true)
                // Its account is deleted, so that the old token is refused.
                try await withClient { try await $0.delete(accounts, ObjectKey(namespace: namespace, name: "first")) }
                try await writeToken("second")
                try await poll("the new token is used") {
                    let error = await #expect(throws: KubernetesError.self) { try await client.get(configMaps, key) }
                    return error?.description.contains(":second") == true
                }
            }
        }

        @Test("a wrong token is refused and not shown")
        func wrongToken() async throws {
            try await withClient(try await configuration(user: "{token: s3cret}")) { client in
                let error = await #expect(throws: KubernetesError.self) {
                    try await client.get(configMaps, ObjectKey(namespace: "default", name: "none"))
                }
                #expect(error?.status?.reason == .unauthorized)
                #expect(error?.description.contains("s3cret") == false)
            }
        }

        @Test(
            "the API server must be the one that is meant, unless it may be anybody",
            arguments: [
                ("", true, true), ("tls-server-name: kubernetes", true, true), ("", false, false),
                ("insecure-skip-tls-verify: true", false, true)
            ])
        func trust(cluster: String, trust: Bool, isAccepted: Bool) async throws {
            let token = try String(contentsOfFile: try directory.file("tokens.csv"), encoding: .utf8).split(separator: ",")[0]
            let configuration = try await configuration(user: "{token: \(token)}", cluster: cluster, trust: trust)
            try await withClient(configuration) { client in
                do throws(KubernetesError) {
                    _ = try await client.get(namespaces, ObjectKey(name: "default"), within: .seconds(10))
                    #expect(isAccepted)
                } catch {
                    guard case .transport(let text) = error.cause else { return #expect(Bool(false), "\(error)") }
                    #expect(!isAccepted, "\(text)")
                }
            }
        }

        @Test("a certificate must have the server name that is asked for", arguments: [("right.example", true), ("wrong.example", false)])
        func serverName(name: String, isAccepted: Bool) async throws {
            let directory = try directory
            let (certificate, key) = try await certificate(of: "right.example")
            let names = try directory.write("subjectAltName=DNS:right.example\n", to: "names")
            try await Tool.demand(
                "openssl",
                [
                    "x509", "-req", "-in", directory.file("right.example.csr"), "-CA", directory.file("client-ca.crt"), "-CAkey",
                    directory.file("client-ca.key"), "-set_serial", "7", "-days", "2", "-extfile", names, "-out", certificate
                ])
            let port = try LoopbackAddress.freePort()
            let text = """
                current-context: a
                contexts: [{name: a, context: {cluster: a}}]
                clusters: [{name: a, cluster: {server: 'https://127.0.0.1:\(port)', certificate-authority: client-ca.crt, tls-server-name: \(name)}}]
                """
            let configuration = try ClusterConfiguration.load(kubeconfig: try directory.write(text, to: "kubeconfig-\(name)"))
            // It answers with a page about the connection, which is no object.
            let server: @Sendable () async -> Void = {
                let options = ["s_server", "-accept", "127.0.0.1:\(port)", "-cert", certificate, "-key", key, "-www", "-quiet"]
                _ = try? await Tool.run("openssl", options)
            }
            try await running(server) {
                try await withClient(configuration) { client in
                    var isReached = false
                    try await poll("the server is there") {
                        let error = await #expect(throws: KubernetesError.self) { try await client.get(namespaces, ObjectKey(name: "a")) }
                        switch error?.cause {
                        case .malformedAnswer?: isReached = true
                        case .transport(let text)?: return !text.contains("refused")
                        default: Issue.record("\(String(describing: error))")
                        }
                        return true
                    }
                    #expect(isReached == isAccepted)
                }
            }
        }
    }
}
