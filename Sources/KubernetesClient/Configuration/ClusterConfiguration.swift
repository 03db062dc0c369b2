import HTTPCalls

/// Where an API server is, by what it is known, and who we are to it.
public struct ClusterConfiguration: Sendable {
    /// By what the API server is known.
    enum Trust: Sendable, Equatable {
        /// The authorities that the system trusts.
        case system
        case authorities(PEMSource)
        /// Anybody is taken for it (`insecure-skip-tls-verify`).
        case anybody
    }

    var server: ServerAddress
    var trust = Trust.system
    /// The name that its certificate must have, where that is not the host's (`tls-server-name`).
    var tlsServerName: String?
    var proxy: ProxyAddress?
    var credentials = Credentials()

    /// The namespace of the context or of the service account; nil when none is named.
    public var namespace: String?

    /// The address of the API server, for people to read.
    public var serverURL: String { server.description }
}

/// A proxy on the way to the API server (`proxy-url`).
struct ProxyAddress: Sendable, Equatable {
    enum Kind: Sendable { case http, socks5 }

    let kind: Kind
    let host: String
    let port: Int
}

/// Who we are.
struct Credentials: Sendable {
    enum Authorization: Sendable {
        case token(Secret)
        /// A file that holds the token, which rotates.
        case tokenFile(String)
        case basic(username: String, password: Secret)
    }

    struct ClientCertificate: Sendable {
        let certificate: PEMSource
        let privateKey: PEMSource
    }

    var authorization: Authorization?
    var clientCertificate: ClientCertificate?
    /// A program that makes credentials.
    var plugin: ExecPlugin?
}

/// A credential plugin, as the `exec` member of a kubeconfig's user describes it (client.authentication.k8s.io).
struct ExecPlugin: Sendable {
    /// `client.authentication.k8s.io/v1` or `/v1beta1`.
    let apiVersion: String
    /// A path, or a name to find in `PATH`.
    let command: String
    let arguments: [String]
    /// Added to ours, or put in their place.
    let environment: [(name: String, value: Secret)]
    /// Told to the plugin (`provideClusterInfo`), as a JSON object; nil when it is not to be told.
    let clusterInfo: String?
    /// What to do when the command is missing.
    let installHint: String?
}
