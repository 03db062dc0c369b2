public import HTTPCalls

extension AzureClient {
    /// - Returns: `.succeeded` also when Azure has forgotten the operation, as it does after a while: the operation runs no longer, and only
    ///   the resource tells what became of it.
    public func state(
        of operation: AzureOperation, hiding secrets: [Secret], _ account: AzureAccount
    ) async throws(AzureError) -> OperationState {
        guard let request = AzureRequest(following: operation.url, account.endpoints, secrets: secrets) else {
            throw AzureError(.malformedAnswer("the operation is somewhere else than Resource Manager"), call: "GET an operation")
        }
        let reply = try await reply(to: request, account)
        switch OperationDocument(reply.answer, operation.kind, reply.redaction) {
        case .running: return .running(AzureOperation(kind: operation.kind, url: operation.url, pause: pause(reply.answer.headers)))
        case .moved(let url):
            guard AzureRequest(following: url, account.endpoints) != nil else { throw elsewhere(request) }
            return .running(AzureOperation(kind: .location, url: url, pause: pause(reply.answer.headers)))
        case .ended: return .succeeded
        case .failed(let cause): return .failed(code: cause.code, message: cause.message)
        case .unknown: throw failure(ErrorDocument(reply.answer, reply.redaction), reply, request)
        }
    }

    /// The operation that a successful answer promises.
    func operation(_ answer: HTTPAnswer, _ request: AzureRequest, _ account: AzureAccount) throws(AzureError) -> AzureOperation? {
        guard let operation = AzureOperation(answer, pause) else { return nil }
        guard AzureRequest(following: operation.url, account.endpoints) != nil else { throw elsewhere(request) }
        return operation
    }

    /// Whoever is there must not see the token.
    private func elsewhere(_ request: AzureRequest) -> AzureError {
        AzureError(.malformedAnswer("the operation is somewhere else than Resource Manager"), call: request.title)
    }
}
