import HTTPCalls
import TestSupport
import Testing

@testable import KubernetesClient

@Suite("kubeconfig")
struct KubeconfigTests {
    private static let whole = """
        apiVersion: v1
        kind: Config
        current-context: shop
        clusters:
        - name: one
          cluster: {server: "https://one.example:6443/k8s/", certificate-authority: ca.crt, tls-server-name: kubernetes, proxy-url: "http://proxy.example:3128"}
        - name: two
          cluster: {server: "https://[::1]:6443", certificate-authority-data: Q0E=}
        - name: open
          cluster: {server: "http://127.0.0.1:8080", insecure-skip-tls-verify: true}
        users:
        - name: token
          user: {token: s3cret}
        - name: file
          user: {token: s3cret, tokenFile: /run/token}
        - name: basic
          user: {username: alice, password: s3cret}
        - name: certificate
          user: {client-certificate: alice.crt, client-key-data: czNjcmV0}
        contexts:
        - {name: shop, context: {cluster: one, user: token, namespace: shop}}
        - {name: two-file, context: {cluster: two, user: file}}
        - {name: open-basic, context: {cluster: open, user: basic}}
        - {name: certificate, context: {cluster: one, user: certificate}}
        - {name: nobody, context: {cluster: one}}
        - {name: lost, context: {cluster: three, user: token}}
        """

    private func load(_ text: String = whole, context: String? = nil, check: (ClusterConfiguration, String) throws -> Void) async throws {
        try await TemporaryDirectory.with { directory in
            let path = try directory.write(text, to: "config")
            try check(try ClusterConfiguration.load(kubeconfig: path, context: context), directory.path)
        }
    }

    private func fault(_ text: String, context: String? = nil) async throws -> ConfigurationError? {
        try await TemporaryDirectory.with { directory in
            let path = try directory.write(text, to: "config")
            return #expect(throws: ConfigurationError.self) { try ClusterConfiguration.load(kubeconfig: path, context: context) }
        }
    }

    @Test("the current context counts, and relative paths start from the file")
    func currentContext() async throws {
        try await load { configuration, directory in
            #expect(configuration.server.description == "https://one.example:6443/k8s")
            #expect(configuration.trust == .authorities(.file("\(directory)/ca.crt")))
            #expect(configuration.tlsServerName == "kubernetes")
            #expect(configuration.proxy == ProxyAddress(kind: .http, host: "proxy.example", port: 3128))
            #expect(configuration.namespace == "shop")
            guard case .token(let token)? = configuration.credentials.authorization else { return #expect(Bool(false)) }
            #expect(token.value == "s3cret")
        }
    }

    @Test("a token file comes before a token, data before a file")
    func precedence() async throws {
        try await load(context: "two-file") { configuration, _ in
            #expect(configuration.server.host == "::1")
            #expect(configuration.server.url() == "https://[::1]:6443")
            #expect(configuration.trust == .authorities(.data(Array("CA".utf8))))
            guard case .tokenFile("/run/token")? = configuration.credentials.authorization else { return #expect(Bool(false)) }
        }
        try await load(context: "certificate") { configuration, directory in
            #expect(configuration.credentials.clientCertificate?.certificate == .file("\(directory)/alice.crt"))
            #expect(configuration.credentials.clientCertificate?.privateKey == .data(Array("s3cret".utf8)))
        }
    }

    @Test("a server without TLS, one that anybody may be, and a user with a password")
    func openServer() async throws {
        try await load(context: "open-basic") { configuration, _ in
            #expect(!configuration.server.isTLS)
            #expect(configuration.trust == .anybody)
            guard case .basic("alice", let password)? = configuration.credentials.authorization else { return #expect(Bool(false)) }
            #expect(password.value == "s3cret")
        }
    }

    @Test("a context without a user is one without credentials")
    func nobody() async throws {
        try await load(context: "nobody") { configuration, _ in #expect(configuration.credentials.authorization == nil) }
    }

    @Test("JSON is read as well")
    func json() async throws {
        let text =
            #"{"clusters":[{"name":"a","cluster":{"server":"https://a"}}],"contexts":[{"name":"a","context":{"cluster":"a"}}],"current-context":"a"}"#
        try await load(text) { configuration, _ in #expect(configuration.server.description == "https://a:443") }
    }

    @Test("however a configuration is printed, it shows no secret", arguments: ["shop", "open-basic", "certificate"])
    func printing(context: String) async throws {
        try await load(context: context) { configuration, _ in
            var dumped = ""
            dump(configuration, to: &dumped)
            for text in [dumped, "\(configuration)", String(reflecting: configuration)] {
                #expect(!text.contains("s3cret") && !text.contains("\(Array("s3cret".utf8))") && !text.contains("115"))
            }
        }
    }

    @Test(
        "what cannot be used is told with its file and its entry",
        arguments: [
            ("clusters: {", "line"),
            ("- a", "a kubeconfig is an object"),
            ("clusters: [{name: a}]", "each of its clusters needs a name and a cluster"),
            ("contexts: []", "no current context is set"),
            ("current-context: a", #"there is no context "a""#),
            ("current-context: a\ncontexts: [{name: a, context: {cluster: b}}]", #"there is no cluster "b""#),
            ("current-context: a\ncontexts: [{name: a, context: {user: b}}]", #"context "a": cluster is missing"#),
            (of(cluster: "{}"), #"cluster "a": server is missing"#),
            (of(cluster: "{server: 'ftp://x'}"), "server is not an address: ftp://x"),
            (of(cluster: "{server: 'https://x', insecure-skip-tls-verify: true, certificate-authority: ca}"), "exclude each other"),
            (of(cluster: "{server: 'https://x', certificate-authority-data: '%%'}"), "certificate-authority-data is not base 64"),
            (of(cluster: "{server: 'https://x', proxy-url: 'http://me:s3cret@x'}"), "proxy-url with a user name is not supported"),
            (of(cluster: "{server: 'https://x', proxy-url: 'ssh://x'}"), "the scheme ssh is not supported"),
            (of(user: "{token: 12}"), "token is not a text"),
            (of(user: "{token: s3cret, username: alice}"), "a token and a user name exclude each other"),
            (of(user: "{client-key: key}"), "a client-key needs its client-certificate"),
            (of(user: "{client-certificate: crt}"), "a client-certificate needs its client-key"),
            (of(user: "{as: admin}"), "as is not supported"),
            (of(user: "{auth-provider: {name: oidc}}"), "auth-provider is not supported"),
            (of(user: "{exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: x}}"), "v1alpha1 is not supported"),
            (of(user: "{exec: {apiVersion: client.authentication.k8s.io/v1}}"), #"user "a": exec: command is missing"#),
            (of(user: "{exec: {apiVersion: client.authentication.k8s.io/v1, command: x, interactiveMode: Always}}"), "asks for a terminal"),
            (of(user: "{exec: {apiVersion: client.authentication.k8s.io/v1, command: x, env: [{name: A}]}}"), "needs a name and a value"),
            (of(user: "{token: s3cret, exec: {apiVersion: client.authentication.k8s.io/v1, command: x}}"), "exclude each other")
        ])
    func faults(text: String, message: String) async throws {
        let fault = try #require(try await fault(text))
        #expect(fault.description.contains(message), "\(fault)")
        #expect(fault.description.contains("/config: "))
        #expect(!fault.description.contains("s3cret"))
    }

    @Test("a context that was asked for must exist")
    func missingContext() async throws {
        let fault = try #require(try await fault(Self.whole, context: "none"))
        #expect(fault.description.contains(#"there is no context "none""#))
    }

    @Test("of entries with one name that of the first file counts, and of the current contexts the first")
    func merging() async throws {
        try await TemporaryDirectory.with { directory in
            _ = try directory.write("", to: "empty")
            _ = try directory.write("users: [{name: a, user: {token: first}}]", to: "first")
            _ = try directory.write(Self.of(user: "{token: second}"), to: "second")
            let list = ["empty", "first", "missing", "second"].map(directory.file).joined(separator: ":")
            let surroundings = ClusterConfiguration.Surroundings { $0 == "KUBECONFIG" ? list : nil }
            let configuration = try ClusterConfiguration.load(kubeconfig: nil, context: nil, in: surroundings)
            guard case .token(let token)? = configuration.credentials.authorization else { return #expect(Bool(false)) }
            #expect(token.value == "first")
        }
    }

    /// A kubeconfig of one context.
    private static func of(cluster: String = "{server: 'https://x'}", user: String = "{}") -> String {
        """
        current-context: a
        contexts: [{name: a, context: {cluster: a, user: a}}]
        clusters: [{name: a, cluster: \(cluster)}]
        users: [{name: a, user: \(user)}]
        """
    }
}
