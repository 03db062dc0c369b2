import FoundationEssentials
import JSON

/// One or several kubeconfig files, merged as kubectl merges them.
///
/// https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/#merging-kubeconfig-files
struct Kubeconfig {
    struct File {
        let path: String
        let root: JSONValue

        /// Relative paths in a file start from where the file is.
        var directory: String {
            guard let slash = path.lastIndex(of: "/") else { return "." }
            return slash == path.startIndex ? "/" : String(path[..<slash])
        }
    }

    /// A cluster, user or context, with the file that it stands in.
    struct Entry {
        let file: File
        /// As `user "alice"`, for messages.
        let title: String
        let value: JSONValue
    }

    private var clusters: [String: Entry] = [:]
    private var users: [String: Entry] = [:]
    private var contexts: [String: Entry] = [:]
    private var currentContext: String?
    private let paths: String

    /// Of entries with one name, that of the first file counts; so does the first current context that is not empty.
    ///
    /// - Throws: ``ConfigurationError`` when a file is no kubeconfig.
    init(merging files: [File]) throws(ConfigurationError) {
        paths = files.map(\.path).joined(separator: ", ")
        for file in files {
            // An empty file is a kubeconfig that holds nothing.
            guard file.root.kind == .object || file.root.isNull else {
                throw ConfigurationError(.malformed, "\(file.path): a kubeconfig is an object")
            }
            try Self.add("cluster", of: file, to: &clusters)
            try Self.add("user", of: file, to: &users)
            try Self.add("context", of: file, to: &contexts)
            if currentContext == nil, let name = file.root["current-context"]?.string, !name.isEmpty { currentContext = name }
        }
    }

    private static func add(_ word: String, of file: File, to entries: inout [String: Entry]) throws(ConfigurationError) {
        for element in file.root["\(word)s"]?.elements ?? [] {
            guard let name = element["name"]?.string, let value = element[word], value.kind == .object else {
                throw ConfigurationError(.malformed, "\(file.path): each of its \(word)s needs a name and a \(word)")
            }
            if entries[name] == nil { entries[name] = Entry(file: file, title: "\(word) \"\(name)\"", value: value) }
        }
    }

    /// What a context says.
    ///
    /// - Parameter name: The context; nil for the current one.
    /// - Throws: ``ConfigurationError``.
    func configuration(context name: String? = nil) throws(ConfigurationError) -> ClusterConfiguration {
        guard let name = name ?? currentContext else {
            throw ConfigurationError(.malformed, "\(paths): no current context is set, and none was asked for")
        }
        let context = try find(name, "context", in: contexts)
        let cluster = try find(try context.demand("cluster"), "cluster", in: clusters)
        var configuration = try cluster.clusterConfiguration()
        configuration.namespace = try context.text("namespace")
        // A context without a user is one for a server that asks for none.
        if let userName = try context.text("user") {
            let user = try find(userName, "user", in: users)
            configuration.credentials = try user.credentials(for: cluster)
        }
        return configuration
    }

    private func find(_ name: String, _ word: String, in entries: [String: Entry]) throws(ConfigurationError) -> Entry {
        guard let entry = entries[name] else { throw ConfigurationError(.malformed, "\(paths): there is no \(word) \"\(name)\"") }
        return entry
    }
}

extension Kubeconfig.Entry {
    func fault(_ code: ConfigurationError.Code, _ text: String) -> ConfigurationError {
        ConfigurationError(code, "\(file.path): \(title): \(text)")
    }

    /// A member that is a text, unless it is empty.
    func text(_ name: String) throws(ConfigurationError) -> String? {
        guard let member = value[name], !member.isNull else { return nil }
        guard let text = member.string else { throw fault(.malformed, "\(name) is not a text") }
        return text.isEmpty ? nil : text
    }

    func demand(_ name: String) throws(ConfigurationError) -> String {
        guard let text = try text(name) else { throw fault(.malformed, "\(name) is missing") }
        return text
    }

    func path(_ text: String) -> String { text.hasPrefix("/") ? text : "\(file.directory)/\(text)" }

    /// What is given in place, in base 64 and in `NAME-data`, or in a file that `NAME` leads to. What is given in place counts.
    func source(_ name: String) throws(ConfigurationError) -> PEMSource? {
        if let encoded = try text("\(name)-data") {
            guard let data = Data(base64Encoded: encoded, options: .ignoreUnknownCharacters), !data.isEmpty else {
                throw fault(.malformed, "\(name)-data is not base 64")
            }
            return .data(Array(data))
        }
        return try text(name).map { .file(path($0)) }
    }
}
