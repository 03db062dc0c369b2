import AzureMySQL
import HTTPCalls
import TestSupport
import Testing

@Suite("operations of Azure", .timeLimit(.minutes(1)))
struct OperationTests {
    private let id = ScriptedAzure.id

    /// What a deletion leads to that is answered so; `URL` in a header is the server's own.
    private func operation(_ code: Int, _ headers: [String]) async throws -> Result<AzureOperation?, AzureError> {
        try await ScriptedAzure.with({ request in
            [.answer(code, "", headers: headers.map { $0.replacing("URL", with: "http://\(request.headers["host"] ?? "")") })]
        }) { azure in
            do throws(AzureError) {
                let operation = try await azure.client.delete(id, azure.account())
                return .success(
                    operation.map { AzureOperation(kind: $0.kind, url: $0.url.replacing(azure.server.url, with: "URL"), pause: $0.pause) })
            } catch {
                return .failure(error)
            }
        }
    }

    @Test("the status URL is preferred, and the pause is kept within limits")
    func promises() async throws {
        let both = ["Azure-AsyncOperation: URL/status?x=1", "Location: URL/result"]
        #expect(try await operation(202, both).get() == AzureOperation(kind: .status, url: "URL/status?x=1", pause: .seconds(15)))
        #expect(
            try await operation(201, ["Location: URL/result", "Retry-After: 7"]).get()
                == AzureOperation(kind: .location, url: "URL/result", pause: .seconds(7)))
        #expect(try await operation(200, both + ["Retry-After: 0"]).get()?.pause == .seconds(1))
        #expect(try await operation(202, both + ["Retry-After: 3600"]).get()?.pause == .seconds(60))
        #expect(try await operation(200, []).get() == nil)
        #expect(try await operation(204, both).get() == nil)
    }

    @Test("an operation that is somewhere else is not looked at", arguments: ["https://evil.test/x", "/relative", "URL@evil.test/"])
    func elsewhere(url: String) async throws {
        guard case .failure(let error) = try await operation(202, ["Azure-AsyncOperation: \(url)"]) else {
            return #expect(Bool(false), "it was accepted")
        }
        guard case .malformedAnswer(let text) = error.cause else { return #expect(Bool(false), "\(error)") }
        #expect(!text.contains("evil"))
        try await ScriptedAzure.with { azure in
            let operation = AzureOperation(kind: .status, url: "https://evil.test/x", pause: .zero)
            let error = await failure { () throws(AzureError) in try await azure.client.state(of: operation, hiding: [], azure.account()) }
            guard case .malformedAnswer = error?.cause else { return #expect(Bool(false), "\(String(describing: error))") }
            #expect(azure.server.requests.isEmpty)
        }
    }

    /// How an operation stands when it is answered so.
    private func state(_ kind: AzureOperation.Kind, _ code: Int, _ body: String = "", headers: [String] = []) async throws -> String {
        try await ScriptedAzure.with({ request in
            [.answer(code, body, headers: headers.map { $0.replacing("URL", with: "http://\(request.headers["host"] ?? "")") })]
        }) { azure in
            let operation = AzureOperation(kind: kind, url: "\(azure.server.url)/subscriptions/s/operations/1?t=secret", pause: .seconds(9))
            do throws(AzureError) {
                switch try await azure.client.state(of: operation, hiding: [], azure.account()) {
                case .running(let next): return "running \(next.pause) \(next.url.replacing(azure.server.url, with: ""))"
                case .succeeded: return "succeeded"
                case .failed(let code, let message): return "failed \(code): \(message)"
                }
            } catch {
                #expect(!error.call.contains("secret") && !azure.log.text.contains("t=secret"))
                return error.reason
            }
        }
    }

    @Test("a status is read as what it says")
    func statuses() async throws {
        let url = "/subscriptions/s/operations/1?t=secret"
        #expect(try await state(.status, 200, #"{"status": "Succeeded"}"#) == "succeeded")
        #expect(try await state(.status, 200, #"{"status": "InProgress"}"#) == "running \(Duration.seconds(15)) \(url)")
        #expect(
            try await state(.status, 202, #"{"status": "New"}"#, headers: ["Retry-After: 3"]) == "running \(Duration.seconds(3)) \(url)")
        let failed = #"{"status": "Failed", "error": {"code": "A", "message": "a", "details": [{"code": "B", "message": "b"}]}}"#
        #expect(try await state(.status, 200, failed) == "failed B: b")
        #expect(try await state(.status, 200, #"{"status": "Canceled"}"#) == "failed Canceled: Azure gave no reason")
        #expect(try await state(.status, 404, errorText("NotFound")) == "succeeded")
        #expect(try await state(.status, 500, errorText("InternalServerError")) == "500 InternalServerError: a message")
    }

    @Test("what an operation that failed repeats of a password is blanked")
    func echoedPasswords() async throws {
        let text = #"{"status": "Failed", "error": {"code": "PasswordNotComplex", "message": "'S3cret!pass' is too simple"}}"#
        try await ScriptedAzure.with({ _ in [.answer(200, text)] }) { azure in
            let operation = AzureOperation(kind: .status, url: "\(azure.server.url)/subscriptions/s/operations/1", pause: .seconds(9))
            let state = try await azure.client.state(of: operation, hiding: [Secret("S3cret!pass")], azure.account())
            guard case .failed("PasswordNotComplex", "'[secret]' is too simple") = state else { return #expect(Bool(false), "\(state)") }
        }
    }

    @Test("a location is accepted until it has a result")
    func locations() async throws {
        let moved = try await state(.location, 202, headers: ["Location: URL/next", "Retry-After: 2"])
        #expect(moved == "running \(Duration.seconds(2)) /next")
        #expect(try await state(.location, 202, headers: ["Location: http://evil.test/"]).hasPrefix("unusable answer"))
        #expect(try await state(.location, 204) == "succeeded")
        #expect(try await state(.location, 200, #"{"id": "i"}"#) == "succeeded")
        #expect(try await state(.location, 409, errorText("Conflict")) == "failed Conflict: a message")
        #expect(try await state(.location, 403, errorText("AuthorizationFailed")) == "403 AuthorizationFailed: a message")
    }
}
