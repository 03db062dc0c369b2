import HTTPCalls
import JSON

extension Kubeconfig.Entry {
    /// The versions of the credential plugins' API that we speak.
    private static let pluginVersions = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"]

    /// How a user shows who he is.
    func credentials(for cluster: Kubeconfig.Entry) throws(ConfigurationError) -> Credentials {
        for name in ["as", "as-groups", "as-uid", "as-user-extra", "auth-provider"] where value[name].map({ !$0.isNull }) == true {
            throw fault(.unsupported, "\(name) is not supported")
        }
        var credentials = Credentials()
        // As in kubectl, the file counts when both are given.
        if let path = try text("tokenFile") {
            credentials.authorization = .tokenFile(self.path(path))
        } else if let token = try text("token") {
            credentials.authorization = .token(Secret(token))
        }
        if let username = try text("username") {
            guard credentials.authorization == nil else { throw fault(.malformed, "a token and a user name exclude each other") }
            credentials.authorization = .basic(username: username, password: Secret(try text("password") ?? ""))
        }
        switch (try source("client-certificate"), try source("client-key")) {
        case (nil, nil): break
        case (let certificate?, let key?):
            credentials.clientCertificate = Credentials.ClientCertificate(certificate: certificate, privateKey: key)
        case (nil, _?): throw fault(.malformed, "a client-key needs its client-certificate")
        case (_?, nil): throw fault(.malformed, "a client-certificate needs its client-key")
        }
        if let exec = value["exec"], !exec.isNull {
            guard credentials.authorization == nil, credentials.clientCertificate == nil else {
                throw fault(.malformed, "exec and other credentials exclude each other")
            }
            credentials.plugin = try plugin(Kubeconfig.Entry(file: file, title: "\(title): exec", value: exec), for: cluster)
        }
        return credentials
    }

    private func plugin(_ exec: Kubeconfig.Entry, for cluster: Kubeconfig.Entry) throws(ConfigurationError) -> ExecPlugin {
        let apiVersion = try exec.demand("apiVersion")
        guard Self.pluginVersions.contains(apiVersion) else {
            throw exec.fault(.unsupported, "apiVersion \(apiVersion) is not supported, only \(Self.pluginVersions.joined(separator: ", "))")
        }
        if try exec.text("interactiveMode") == "Always" {
            throw exec.fault(.unsupported, "the plugin asks for a terminal (interactiveMode: Always)")
        }
        let command = try exec.demand("command")
        var environment: [(name: String, value: Secret)] = []
        for variable in exec.value["env"]?.elements ?? [] {
            guard let name = variable["name"]?.string, let value = variable["value"]?.string else {
                throw exec.fault(.malformed, "each variable of env needs a name and a value")
            }
            environment.append((name, Secret(value)))
        }
        return ExecPlugin(
            apiVersion: apiVersion,
            // A name alone is looked for in PATH.
            command: command.contains("/") ? path(command) : command,
            arguments: exec.value["args"]?.elements.compactMap(\.string) ?? [],
            environment: environment,
            clusterInfo: exec.value["provideClusterInfo"]?.boolean == true ? try cluster.clusterInfo() : nil,
            installHint: try exec.text("installHint"))
    }
}
