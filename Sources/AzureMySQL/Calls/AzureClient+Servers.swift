import HTTPCalls
import NIOHTTP1

extension AzureClient {
    /// What Resource Manager and the service say where there is no such resource. Other failures with 404, such as those of a missing
    /// subscription or of a proxy, say nothing of the resource.
    private static let absence: Set<String> = [
        "ResourceNotFound", "NotFound", "ServerNotFound", "ParentResourceNotFound", "FirewallRuleNotExist"
    ]

    /// That the resource group is gone says that of its servers too.
    public func server(_ id: ServerID, _ account: AzureAccount) async throws(AzureError) -> Server? {
        let request = AzureRequest(.GET, id)
        let reply = try await reply(to: request, account)
        guard reply.isSuccess else {
            let document = ErrorDocument(reply.answer, reply.redaction)
            if isAbsent(document, reply) { return nil }
            throw failure(document, reply, request)
        }
        return try read(reply.answer, request) { root throws(MalformedDocument) in try Server(root) }
    }

    /// What is there of the name already is overwritten.
    public func create(_ server: NewServer, at id: ServerID, _ account: AzureAccount) async throws(AzureError) -> AzureOperation? {
        try await write(AzureRequest(.PUT, id, body: server.body, secrets: [server.administratorPassword]), account)
    }

    public func change(_ id: ServerID, _ changes: ServerChanges, _ account: AzureAccount) async throws(AzureError) -> AzureOperation? {
        guard !changes.isEmpty else { return nil }
        let secrets = changes.administratorPassword.map { [$0] } ?? []
        return try await write(AzureRequest(.PATCH, id, body: changes.body, secrets: secrets), account)
    }

    public func delete(_ id: ServerID, _ account: AzureAccount) async throws(AzureError) -> AzureOperation? {
        try await remove(AzureRequest(.DELETE, id), account)
    }

    // MARK: Parts of all changes

    func write(_ request: AzureRequest, _ account: AzureAccount) async throws(AzureError) -> AzureOperation? {
        try operation(try await success(request, account), request, account)
    }

    /// - Returns: Nil also when it was gone before, be it with its resource group.
    func remove(_ request: AzureRequest, _ account: AzureAccount) async throws(AzureError) -> AzureOperation? {
        let reply = try await reply(to: request, account)
        guard !reply.isSuccess else { return try operation(reply.answer, request, account) }
        let document = ErrorDocument(reply.answer, reply.redaction)
        if isAbsent(document, reply) { return nil }
        throw failure(document, reply, request)
    }

    private func isAbsent(_ document: ErrorDocument, _ reply: Reply) -> Bool {
        reply.answer.status == 404 && (Self.absence.contains(document.code) || document.code == "ResourceGroupNotFound")
    }
}
