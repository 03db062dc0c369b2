import JSON
import NIOHTTP1

extension EmulatedSubscription {
    /// https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations
    func accepted(_ operation: ResourceOperation) -> Answer {
        var headers: HTTPHeaders = [
            "Azure-AsyncOperation": link(operation, "azureAsyncOperation"), "Location": link(operation, "operationResults")
        ]
        addPause(&headers)
        let body: JSONTree = ["operation": .string(operation.work.title), "startTime": .string(text(of: operation.startedAt))]
        return Answer(status: 202, headers: headers, body: body)
    }

    private func link(_ operation: ResourceOperation, _ kind: String) -> String {
        "\(url)/subscriptions/\(options.subscription)/providers/Microsoft.DBforMySQL/locations/\(operation.location)/\(kind)/"
            + "\(operation.id)?api-version=\(Self.apiVersion)&t=\(operation.ticket)"
    }

    private func addPause(_ headers: inout HTTPHeaders) {
        if options.retryAfter > 0 { headers.add(name: "Retry-After", value: "\(options.retryAfter)") }
    }

    /// - Parameter isStatus: Whether it is asked how it stands, not for its result.
    mutating func operation(_ id: String, _ visit: Visit, isStatus: Bool) throws(Refusal) -> Answer {
        guard let operation = operations[id] else {
            throw Refusal(404, "OperationNotFound", "There is no operation '\(id)'.", complaint: "an operation that never was")
        }
        guard visit.call.parameter("t") == operation.ticket else {
            throw Refusal(
                401, "AuthenticationFailed", "The signature of the operation's URL is not valid.",
                complaint: "an operation's URL that is not the one that was given")
        }
        if let earliest = operation.askAgainAt, visit.now + options.slack < earliest {
            complaints.append("\(visit.call.method) \(visit.call.path): asked \(earliest - visit.now) before Retry-After was over")
        }
        let next = operation.isRunning ? visit.now + .seconds(options.retryAfter) : nil
        operations[id]?.askAgainAt = next
        return isStatus ? status(operation) : result(operation)
    }

    private func status(_ operation: ResourceOperation) -> Answer {
        let ended = operation.isRunning ? nil : operation.endsAt
        var error: JSONTree?
        if let failure = operation.failure, !operation.isRunning {
            error = ["code": .string(failure.code), "message": .string(failure.message)]
        }
        var answer = Answer.ok([
            "name": .string(operation.id), "status": .string(operation.status.rawValue),
            "startTime": .string(text(of: operation.startedAt)), "endTime": ended.map { .string(text(of: $0)) }, "error": error
        ])
        if operation.isRunning { addPause(&answer.headers) }
        return answer
    }

    private func result(_ operation: ResourceOperation) -> Answer {
        if operation.isRunning {
            var answer = Answer.empty(202)
            answer.headers.add(name: "Location", value: link(operation, "operationResults"))
            addPause(&answer.headers)
            return answer
        }
        if let failure = operation.failure {
            return .ok(["error": ["code": .string(failure.code), "message": .string(failure.message)]], status: 409)
        }
        guard let server = servers[operation.key], let body = operation.work.result(server) else { return .empty(204) }
        return .ok(body)
    }
}
