import HTTPCalls
import JSON
import KubernetesAPI
import NIOCore

/// What a credential plugin gives back (client.authentication.k8s.io, `ExecCredential`).
///
/// https://kubernetes.io/docs/reference/config-api/client-authentication.v1/
struct ExecCredential: Sendable, Equatable {
    let token: Secret?
    /// In PEM.
    let clientCertificate: Secret?
    /// In PEM.
    let clientKey: Secret?
    /// Nil when the credential is good until it is refused.
    let expiration: Timestamp?

    /// Reads the standard output of a plugin.
    ///
    /// - Throws: ``ConfigurationError``, which tells nothing of the output's contents.
    init(output: ByteBuffer, of plugin: ExecPlugin) throws(ConfigurationError) {
        guard let root = try? JSONDocument(parsing: output).root, root["kind"]?.string == "ExecCredential" else {
            throw ConfigurationError(.malformed, "\(plugin.command) printed no ExecCredential")
        }
        guard root["apiVersion"]?.string == plugin.apiVersion else {
            throw ConfigurationError(.malformed, "\(plugin.command) printed an ExecCredential of another version than \(plugin.apiVersion)")
        }
        let status = root["status"]
        func text(_ name: String) -> Secret? { status?[name]?.string.flatMap { $0.isEmpty ? nil : Secret($0) } }
        token = text("token")
        clientCertificate = text("clientCertificateData")
        clientKey = text("clientKeyData")
        guard (clientCertificate == nil) == (clientKey == nil), token != nil || clientKey != nil else {
            throw ConfigurationError(.malformed, "\(plugin.command) printed neither a token nor a certificate with its key")
        }
        if let expiration = status?["expirationTimestamp"], !expiration.isNull {
            guard let time = expiration.string.flatMap(Timestamp.init) else {
                throw ConfigurationError(.malformed, "\(plugin.command) printed an expirationTimestamp that is not RFC 3339")
            }
            self.expiration = time
        } else {
            expiration = nil
        }
    }
}

extension ExecPlugin {
    /// What the plugin reads in the variable `KUBERNETES_EXEC_INFO`.
    var executionInfo: String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("apiVersion", apiVersion)
        writer.member("kind", "ExecCredential")
        writer.name("spec")
        writer.beginObject()
        // There is no user to ask.
        writer.name("interactive")
        writer.boolean(false)
        if let clusterInfo, let cluster = try? JSONDocument(parsing: clusterInfo).root {
            writer.name("cluster")
            writer.verbatim(cluster)
        }
        writer.endObject()
        writer.endObject()
        return writer.text
    }
}
