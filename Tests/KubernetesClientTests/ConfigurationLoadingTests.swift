import TestSupport
import Testing

@testable import KubernetesClient

@Suite("where the way to the API server is looked for")
struct ConfigurationLoadingTests {
    private static func config(_ host: String) -> String {
        "{current-context: a, contexts: [{name: a, context: {cluster: a}}], clusters: [{name: a, cluster: {server: 'https://\(host)'}}]}"
    }

    /// Surroundings with everything there is.
    private func everything(_ directory: TemporaryDirectory, without missing: Set<String> = []) throws -> ClusterConfiguration.Surroundings
    {
        try FileTree.makeDirectories(directory, ["home/.kube", "account"])
        _ = try directory.write(Self.config("listed"), to: "listed")
        _ = try directory.write(Self.config("home"), to: "home/.kube/config")
        _ = try directory.write("token\n", to: "account/token")
        _ = try directory.write("shop\n", to: "account/namespace")
        let variables = [
            "KUBECONFIG": directory.file("listed"), "HOME": directory.file("home"), "KUBERNETES_SERVICE_HOST": "fd00::1",
            "KUBERNETES_SERVICE_PORT": "443"
        ].filter { !missing.contains($0.key) }
        return ClusterConfiguration.Surroundings(variable: { variables[$0] }, serviceAccount: directory.file("account"))
    }

    @Test("the named kubeconfig, KUBECONFIG, the service account, the home directory, in this order")
    func order() async throws {
        try await TemporaryDirectory.with { directory in
            let named = try directory.write(Self.config("named"), to: "named")
            func host(_ kubeconfig: String? = nil, without missing: Set<String> = []) throws -> String {
                let surroundings = try everything(directory, without: missing)
                return try ClusterConfiguration.load(kubeconfig: kubeconfig, context: nil, in: surroundings).server.host
            }
            #expect(try host(named) == "named")
            #expect(try host() == "listed")
            #expect(try host(without: ["KUBECONFIG"]) == "fd00::1")
            #expect(try host(without: ["KUBECONFIG", "KUBERNETES_SERVICE_HOST"]) == "home")
            let fault = #expect(throws: ConfigurationError.self) {
                try host(without: ["KUBECONFIG", "KUBERNETES_SERVICE_HOST", "HOME"])
            }
            #expect(fault?.code == .notFound)
        }
    }

    @Test("the service account of a pod: its token stays a file, its namespace is the default")
    func serviceAccount() async throws {
        try await TemporaryDirectory.with { directory in
            let surroundings = try everything(directory, without: ["KUBECONFIG"])
            let configuration = try ClusterConfiguration.load(kubeconfig: nil, context: nil, in: surroundings)
            #expect(configuration.serverURL == "https://[fd00::1]:443")
            #expect(configuration.namespace == "shop")
            #expect(configuration.trust == .authorities(.file(directory.file("account/ca.crt"))))
            guard case .tokenFile(directory.file("account/token"))? = configuration.credentials.authorization else {
                return #expect(Bool(false))
            }
        }
    }

    @Test("a kubeconfig that is named and missing is an error, and so is a list of which no file exists")
    func missing() throws {
        let named = #expect(throws: ConfigurationError.self) { try ClusterConfiguration.load(kubeconfig: "/nonexistent/config") }
        #expect(named?.code == .unreadableFile)
        let surroundings = ClusterConfiguration.Surroundings { $0 == "KUBECONFIG" ? "/nonexistent/a:/nonexistent/b" : nil }
        let listed = #expect(throws: ConfigurationError.self) {
            try ClusterConfiguration.load(kubeconfig: nil, context: nil, in: surroundings)
        }
        #expect(listed?.code == .notFound)
    }

    @Test(
        "addresses",
        arguments: [
            ("https://a", "https://a:443"), ("http://a/", "http://a:80"), ("a:6443", "https://a:6443"),
            ("https://[::1]:1/p/q/", "https://[::1]:1/p/q")
        ])
    func addresses(text: String, url: String) {
        #expect(ServerAddress(text)?.url() == url)
    }

    @Test(
        "what is no address",
        arguments: ["", "https://", "ftp://a", "https://u:p@a", "https://a?b", "https://a:0", "https://a:70000", "https://a#b"])
    func noAddress(text: String) {
        #expect(ServerAddress(text) == nil)
    }
}
