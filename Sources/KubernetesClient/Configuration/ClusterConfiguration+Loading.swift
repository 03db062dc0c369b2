import Glibc
import HTTPCalls

extension ClusterConfiguration {
    /// What surrounds the process, so far as it tells where the API server is.
    struct Surroundings: Sendable {
        var variable: @Sendable (_ name: String) -> String?
        /// Where Kubernetes puts the service account of a pod.
        var serviceAccount = "/var/run/secrets/kubernetes.io/serviceaccount"

        static let process = Surroundings { name in getenv(name).map { String(cString: $0) } }
    }

    /// Looks for a way to an API server: the kubeconfig that is named, those that `KUBECONFIG` lists, the service account of the pod, and
    /// `~/.kube/config`. The first that is there counts.
    ///
    /// - Parameters:
    ///   - kubeconfig: The path of a kubeconfig, which must exist then.
    ///   - context: A context of the kubeconfig in place of its current one.
    /// - Throws: ``ConfigurationError``; its code is `notFound` when there is none of these.
    public static func load(kubeconfig: String? = nil, context: String? = nil) throws(ConfigurationError) -> ClusterConfiguration {
        try load(kubeconfig: kubeconfig, context: context, in: .process)
    }

    /// Whether the process runs in a pod that has a service account.
    public static var isInPod: Bool { ((try? serviceAccount(in: .process)) ?? nil) != nil }

    static func load(
        kubeconfig: String?, context: String?, in surroundings: Surroundings
    ) throws(ConfigurationError) -> ClusterConfiguration {
        if let kubeconfig { return try load([kubeconfig], context) }
        let listed = (surroundings.variable("KUBECONFIG") ?? "").split(separator: ":").map(String.init)
        if !listed.isEmpty {
            // As kubectl does it: some of the files may be missing.
            let existing = listed.filter(SmallFile.exists)
            guard !existing.isEmpty else {
                throw ConfigurationError(.notFound, "none of the files that KUBECONFIG names exists: \(listed.joined(separator: ", "))")
            }
            return try load(existing, context)
        }
        if context == nil, let inCluster = try serviceAccount(in: surroundings) { return inCluster }
        if let home = surroundings.variable("HOME"), SmallFile.exists("\(home)/.kube/config") {
            return try load(["\(home)/.kube/config"], context)
        }
        throw ConfigurationError(.notFound, "no cluster found: no kubeconfig, and no service account of a pod")
    }

    private static func load(_ paths: [String], _ context: String?) throws(ConfigurationError) -> ClusterConfiguration {
        var files: [Kubeconfig.File] = []
        for path in paths { files.append(try KubeconfigText.read(path)) }
        return try Kubeconfig(merging: files).configuration(context: context)
    }

    /// The service account of the pod we run in; nil when we run in none.
    ///
    /// https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/
    private static func serviceAccount(in surroundings: Surroundings) throws(ConfigurationError) -> ClusterConfiguration? {
        let token = "\(surroundings.serviceAccount)/token"
        guard let host = surroundings.variable("KUBERNETES_SERVICE_HOST"), let port = surroundings.variable("KUBERNETES_SERVICE_PORT"),
            SmallFile.exists(token)
        else { return nil }
        guard let server = ServerAddress("https://\(host.contains(":") ? "[\(host)]" : host):\(port)") else {
            throw ConfigurationError(
                .malformed, "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT make no address: \(host), \(port)")
        }
        var configuration = ClusterConfiguration(server: server)
        configuration.trust = .authorities(.file("\(surroundings.serviceAccount)/ca.crt"))
        configuration.credentials.authorization = .tokenFile(token)
        let namespace = "\(surroundings.serviceAccount)/namespace"
        if SmallFile.exists(namespace) {
            configuration.namespace = String(decoding: try SmallFile.read(namespace), as: UTF8.self).trimmed
        }
        return configuration
    }
}

extension String {
    /// Without white space at its ends.
    var trimmed: String {
        let characters = drop { $0.isWhitespace }
        return String(characters.reversed().drop { $0.isWhitespace }.reversed())
    }
}
