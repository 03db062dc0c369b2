import JSON

/// A namespace of a test.
struct Namespace: Sendable {
    let cluster: Cluster
    let name: String

    func kubectl(_ arguments: [String], input: String? = nil) async throws -> Outcome {
        try await cluster.kubectl(["--namespace", name] + arguments, input: input)
    }

    @discardableResult
    func demandKubectl(_ arguments: [String], input: String? = nil) async throws -> String {
        try await cluster.demandKubectl(["--namespace", name] + arguments, input: input)
    }

    func apply(_ object: String, _ options: [String] = []) async throws -> Outcome {
        try await kubectl(["apply", "-f", "-"] + options, input: object)
    }

    /// Applies an object that has to be accepted.
    func demandApply(_ object: String) async throws {
        try await demandKubectl(["apply", "-f", "-"], input: object)
    }

    /// Applies objects as they are, past the webhooks, as if these had been registered later.
    func store(_ objects: String) async throws {
        try await cluster.unregisterWebhooks()
        let outcome = try await apply(objects)
        try await cluster.registerWebhooks()
        guard outcome.exitCode == 0 else { throw ToolFailure("kubectl", ["apply"], outcome) }
    }

    func mergePatch(_ name: String, _ patch: String, as version: Version = .v1) async throws -> Outcome {
        try await kubectl(["patch", version.resource, name, "--type=merge", "-p", patch])
    }

    func get(_ name: String, as version: Version = .v1) async throws -> JSONValue {
        try json(try await demandKubectl(["get", version.resource, name, "-o", "json"]))
    }

    func exists(_ name: String) async throws -> Bool {
        try await !demandKubectl(["get", Version.v1.resource, name, "--ignore-not-found", "-o", "name"]).isEmpty
    }

    /// Changes the status of an object, as a controller does.
    func patchStatus(_ name: String, _ patch: String, as version: Version = .v1) async throws -> Outcome {
        let options = ["--request", "PATCH", "--header", "Content-Type: application/merge-patch+json", "--fail-with-body", "--data", patch]
        return try await Tool.run("curl", cluster.curlAccess + options + [cluster.apiURL("\(path(version))/\(name)/status")])
    }

    /// The path of all objects of the namespace in the API.
    func path(_ version: Version) -> String { "/apis/cache.my.domain/\(version.rawValue)/namespaces/\(name)/dbmmomysqls" }
}

/// The versions of the API.
enum Version: String, CaseIterable {
    case v1alpha1, v1

    /// How kubectl names the resource in this version.
    var resource: String { "dbmmomysqls.\(rawValue).cache.my.domain" }
}

func json(_ text: String) throws -> JSONValue { try JSONDocument(parsing: text).root }

extension String {
    /// Without white space at its ends.
    var trimmed: String {
        let characters = drop { $0.isWhitespace }
        return String(characters.reversed().drop { $0.isWhitespace }.reversed())
    }
}
