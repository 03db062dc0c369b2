import HTTPCalls
import JSON
import NIOCore
import NIOHTTP1

/// A request to Resource Manager, but for its address and the credentials.
struct AzureRequest: Sendable {
    /// https://github.com/Azure/azure-rest-api-specs/tree/main/specification/mysql/resource-manager
    private static let apiVersion = "2023-12-30"

    let method: HTTPMethod
    /// Escaped, with the query.
    let target: String
    let body: ByteBuffer?
    /// What must not be seen, of the body or of what the answer repeats.
    let secrets: [Secret]

    /// - Parameter parts: Below the server, not escaped.
    init(_ method: HTTPMethod, _ id: ServerID, _ parts: [String] = [], body: JSONTree? = nil, secrets: [Secret] = []) {
        let server = ["subscriptions", id.subscription, "resourceGroups", id.resourceGroup]
        let names = server + ["providers", "Microsoft.DBforMySQL", "flexibleServers", id.name] + parts
        self.method = method
        target = "/\(names.map(PercentEncoding.escaped).joined(separator: "/"))?api-version=\(Self.apiVersion)"
        self.body = body.map { tree in
            var writer = JSONWriter()
            writer.tree(tree)
            return writer.buffer
        }
        self.secrets = secrets
    }

    /// Follows a URL that Resource Manager has given.
    ///
    /// - Parameter secrets: What the answer must not show.
    /// - Returns: Nil when it leads somewhere else: whoever is there must not see the token.
    init?(following url: String, _ endpoints: AzureEndpoints, secrets: [Secret] = []) {
        guard let (origin, rest) = WebOrigin.split(url), let manager = WebOrigin.split(endpoints.resourceManager.withoutSlashes),
            origin == manager.origin, rest.hasPrefix(manager.rest)
        else { return nil }
        let inside = rest.dropFirst(manager.rest.count)
        guard inside.first.map({ $0 == "/" || $0 == "?" }) ?? true else { return nil }
        method = .GET
        target = inside.first == "/" ? String(inside) : "/\(inside)"
        body = nil
        self.secrets = secrets
    }

    private var path: Substring { target.prefix { $0 != "?" } }

    /// What it is called in errors and logs.
    var title: String { "\(method.rawValue) \(path)" }

    /// Empty for what belongs to none.
    var subscription: String {
        let parts = path.split(separator: "/")
        return parts.first?.lowercased() == "subscriptions" ? parts.dropFirst().first.map(String.init) ?? "" : ""
    }
}
