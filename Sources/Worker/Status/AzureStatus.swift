import AzureMySQL
import DBMMOMySQLAPI
import JSON

/// `status.azure`
struct AzureStatus: Sendable, Equatable {
    enum State: String, Sendable {
        case created = "Created"
        case notCreated = "NotCreated"
        case creating = "Creating"
        case error = "Error"
        case deleting = "Deleting"
    }

    /// The server that exists, or that is to be made.
    struct ServerNote: Sendable, Equatable {
        let id: String
        let name: String
        var location: String?
        var type: String?
        var tags: [String: String] = [:]
    }

    /// Whether the server has been whole.
    var created: Bool
    var state: State
    var server: ServerNote?

    static let nothing = AzureStatus(created: false, state: .notCreated, server: nil)

    /// - Parameter old: `status.azure` as it is: what is gone from it has to be named, since a merge patch takes away nothing by itself.
    func tree(after old: JSONValue?) -> JSONTree {
        ["created": .boolean(created), "state": .string(state.rawValue), "server": serverTree(after: old?["server"])]
    }

    private func serverTree(after old: JSONValue?) -> JSONTree? {
        guard let server else { return old.map { _ in .null } }
        func text(_ name: String, _ value: String?) -> JSONTree? {
            value.map { .string($0) } ?? old?[name].map { _ in .null }
        }
        let gone = (old?["tags"]?.members ?? []).map(\.name).filter { server.tags[$0] == nil }
        let tags = server.tags.sorted { $0.key < $1.key }.map { JSONTree.Member(name: $0.key, value: .string($0.value)) }
        return [
            "id": .string(server.id), "name": .string(server.name), "location": text("location", server.location),
            "type": text("type", server.type),
            "tags": .object(tags + gone.map { .init(name: $0, value: .null) })
        ]
    }
}

extension AzureStatus.ServerNote {
    init(_ server: Server) {
        self.init(id: server.id, name: server.name, location: server.location, type: server.type, tags: server.tags)
    }
}
