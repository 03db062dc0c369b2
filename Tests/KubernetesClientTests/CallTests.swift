import FoundationEssentials
import HTTPCalls
import KubernetesAPI
import NIOConcurrencyHelpers
import NIOCore
import TestSupport
import Testing

@testable import KubernetesClient

@Suite("calls", .timeLimit(.minutes(1)))
struct CallTests {
    private let orders = ObjectKey(namespace: "shop", name: "orders")

    /// Runs the body with a client of a server that answers so.
    private func with<Result: Sendable>(
        _ handler: @escaping ScriptedServer.Handler, _ body: @escaping @Sendable (KubernetesClient, ScriptedServer) async throws -> Result
    ) async throws -> Result {
        try await ScriptedServer.with(handler) { server in
            try await withClient(try .plain(server)) { try await body($0, server) }
        }
    }

    @Test("requests are what the API asks for")
    func requests() async throws {
        try await with({ _ in [.answer(200, objectText("orders", version: 7))] }) { client, server in
            let body = ByteBuffer(string: "{}")
            let key = ObjectKey(namespace: "shop", name: "orders")
            let leases = ResourceType.leases
            let object = try await client.get(leases, key)
            #expect(object.key == key && object.uid == "uid-orders" && object.resourceVersion == "7")
            _ = try await client.create(configMaps, namespace: "shop", body)
            _ = try await client.apply(configMaps, key, body)
            _ = try await client.apply(configMaps, key, subresource: "status", body, force: true)
            _ = try await client.patch(configMaps, key, .json(ByteBuffer(string: "[]")))
            _ = try await client.patch(configMaps, key, subresource: "status", .merge(body))
            _ = try await client.replace(configMaps, key, body)
            try await client.delete(configMaps, key, DeleteOptions(uid: "u", resourceVersion: "7", propagation: .orphan, gracePeriod: 0))
            let path = "/api/v1/namespaces/shop/configmaps"
            #expect(
                server.requests.map { "\($0.method) \($0.target) \($0.headers["content-type"] ?? "-") \($0.body)" } == [
                    "GET /apis/coordination.k8s.io/v1/namespaces/shop/leases/orders - ",
                    "POST \(path)?fieldManager=dbmmo application/json {}",
                    "PATCH \(path)/orders?fieldManager=dbmmo&force=false application/apply-patch+yaml {}",
                    "PATCH \(path)/orders/status?fieldManager=dbmmo&force=true application/apply-patch+yaml {}",
                    "PATCH \(path)/orders?fieldManager=dbmmo application/json-patch+json []",
                    "PATCH \(path)/orders/status?fieldManager=dbmmo application/merge-patch+json {}",
                    "PUT \(path)/orders?fieldManager=dbmmo application/json {}",
                    #"DELETE \#(path)/orders application/json {"apiVersion":"v1","kind":"DeleteOptions","preconditions":{"uid":"u","resourceVersion":"7"},"propagationPolicy":"Orphan","gracePeriodSeconds":0}"#
                ])
        }
    }

    @Test("names never lead to another path", arguments: [("a/b", "a%2Fb"), ("..", "%2E%2E"), ("ä?#", "%C3%A4%3F%23"), ("a.b", "a.b")])
    func escaping(name: String, escaped: String) {
        #expect(configMaps.path(of: ObjectKey(namespace: "n", name: name)) == "/api/v1/namespaces/n/configmaps/\(escaped)")
    }

    @Test("a refusal keeps its reason, message and causes")
    func status() async throws {
        let body =
            #"{"kind":"Status","status":"Failure","message":"no","reason":"Conflict","code":409,"details":{"name":"orders","kind":"configmaps","causes":[{"reason":"FieldManagerConflict","message":"conflict with \"kubectl\"","field":".data.a"}]}}"#
        try await with({ _ in [.answer(409, body)] }) { client, _ in
            let error = await #expect(throws: KubernetesError.self) { try await client.apply(configMaps, orders, ByteBuffer(string: "{}")) }
            #expect(error?.isConflict == true)
            #expect(
                error?.status?.details?.causes == [
                    Status.Cause(reason: "FieldManagerConflict", message: #"conflict with "kubectl""#, field: ".data.a")
                ])
        }
    }

    @Test("an answer that is no Status is known by its code", arguments: [(502, "<html>s3cret"), (404, ""), (401, "Unauthorized")])
    func otherAnswers(code: Int, body: String) async throws {
        try await with({ _ in [.answer(code, body, type: "text/plain")] }) { client, _ in
            let error = await #expect(throws: KubernetesError.self) { try await client.get(configMaps, orders) }
            #expect(error?.status?.code == code)
            #expect(error?.description.contains("s3cret") == false)
        }
    }

    @Test("429 is asked again after Retry-After, and the answer of then counts")
    func retryAfter() async throws {
        let answers: ScriptedServer.Handler = { request in
            request.number < 3
                ? [.failure(429, "TooManyRequests", headers: ["Retry-After: \(request.number - 1)"])]
                : [.answer(201, objectText("orders", version: 7))]
        }
        try await with(answers) { client, server in
            let start = ContinuousClock.now
            _ = try await client.create(configMaps, namespace: "shop", ByteBuffer(string: "{}"))
            #expect(server.requests.count == 3)
            #expect(ContinuousClock.now - start >= .seconds(1))
        }
    }

    @Test("a Retry-After beyond the deadline is left to the caller, at once")
    func distantRetry() async throws {
        try await with({ _ in [.failure(503, "ServiceUnavailable", headers: ["Retry-After: 60"])] }) { client, server in
            let start = ContinuousClock.now
            let error = await #expect(throws: KubernetesError.self) { try await client.get(configMaps, orders, within: .seconds(20)) }
            #expect(error?.retryAfter == .seconds(60))
            #expect(ContinuousClock.now - start < .seconds(10))
            #expect(server.requests.count == 1)
        }
    }

    @Test("500 is told at once")
    func internalError() async throws {
        try await with({ _ in [.failure(500, "InternalError")] }) { client, server in
            let error = await #expect(throws: KubernetesError.self) { try await client.get(configMaps, orders) }
            #expect(error?.status?.reason == .internalError)
            #expect(server.requests.count == 1)
        }
    }

    @Test("the deadline holds before the answer, between its bytes, and over all retries")
    func deadlines() async throws {
        let slowBody = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
        let scripts: [[ScriptedServer.Step]] = [
            [.hang], [.send(slowBody), .hang],
            [.send(slowBody)] + Array(repeating: [.send("x"), .pause(.milliseconds(50))], count: 100).flatMap { $0 }
        ]
        for script in scripts {
            try await with({ _ in script }) { client, server in
                let start = ContinuousClock.now
                let error = await #expect(throws: KubernetesError.self) {
                    try await client.get(configMaps, orders, within: .milliseconds(300))
                }
                guard case .timeout? = error?.cause else { return #expect(Bool(false), "\(String(describing: error))") }
                #expect(error?.isAmbiguous == true)
                #expect((.milliseconds(300) ... .seconds(3)).contains(ContinuousClock.now - start))
            }
        }
        try await with({ _ in [.failure(429, "TooManyRequests")] }) { client, server in
            let start = ContinuousClock.now
            let error = await #expect(throws: KubernetesError.self) { try await client.get(configMaps, orders, within: .milliseconds(300)) }
            #expect(error?.status?.code == 429)
            #expect(ContinuousClock.now - start < .seconds(3))
        }
    }

    @Test("the deadline holds while a plugin makes credentials, and what it makes serves the next call")
    func slowPlugin() async throws {
        let credential = #"{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t"}}"#
        try await TemporaryDirectory.with { directory in
            let runs = directory.file("runs")
            let plugin = ExecPlugin(
                apiVersion: "client.authentication.k8s.io/v1", command: "sh",
                arguments: ["-c", "echo run >>'\(runs)'; sleep 1; echo '\(credential)'"], environment: [], clusterInfo: nil,
                installHint: nil)
            try await ScriptedServer.with({ _ in [.answer(200, objectText("orders", version: 7))] }) { server in
                var configuration = try ClusterConfiguration.plain(server)
                configuration.credentials.plugin = plugin
                try await withClient(configuration) { client in
                    let start = ContinuousClock.now
                    let error = await #expect(throws: KubernetesError.self) {
                        try await client.get(configMaps, orders, within: .milliseconds(100))
                    }
                    guard case .timeout? = error?.cause else { return #expect(Bool(false), "\(String(describing: error))") }
                    #expect(ContinuousClock.now - start < .seconds(1))
                    _ = try await client.get(configMaps, orders)
                    #expect(try String(contentsOfFile: runs, encoding: .utf8) == "run\n")
                }
            }
        }
    }

    @Test("a read is sent again when its connection breaks, a write is not")
    func brokenConnections() async throws {
        let answers: ScriptedServer.Handler = { request in
            request.number < 3
                ? [.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"), .close] : [.answer(200, objectText("orders", version: 7))]
        }
        try await with(answers) { client, server in
            _ = try await client.get(configMaps, orders)
            #expect(server.requests.count == 3)
        }
        try await with(answers) { client, server in
            let error = await #expect(throws: KubernetesError.self) {
                try await client.create(configMaps, namespace: "shop", ByteBuffer(string: "{}"))
            }
            #expect(error?.isAmbiguous == true)
            #expect(server.requests.count == 1)
        }
    }

    @Test("where nobody listens, it is told soon")
    func nobodyThere() async throws {
        let server = try await ScriptedServer.with({ _ in [] }) { $0 }
        try await withClient(try .plain(server)) { client in
            let start = ContinuousClock.now
            let error = await #expect(throws: KubernetesError.self) { try await client.get(configMaps, orders) }
            guard case .transport? = error?.cause else { return #expect(Bool(false), "\(String(describing: error))") }
            #expect(ContinuousClock.now - start < .seconds(5))
        }
    }

    @Test("a task that is cancelled is told so")
    func cancellation() async throws {
        try await with({ _ in [.hang] }) { client, server in
            let call = Task { () -> KubernetesError? in
                do throws(KubernetesError) {
                    _ = try await client.get(configMaps, orders)
                    return nil
                } catch {
                    return error
                }
            }
            try await poll("the request is there") { server.requests.count == 1 }
            call.cancel()
            guard case .cancelled? = await call.value?.cause else { return #expect(Bool(false)) }
        }
    }

    @Test("with a token that rotated, a refused call is sent once more with the new one")
    func rotatedToken() async throws {
        try await TemporaryDirectory.with { directory in
            let path = try directory.write("s3cret-one", to: "token")
            let answers: ScriptedServer.Handler = { request in
                request.headers["authorization"] == "Bearer s3cret-two"
                    ? [.answer(200, objectText("orders", version: 7))] : [.failure(401, "Unauthorized")]
            }
            try await ScriptedServer.with(answers) { server in
                var configuration = try ClusterConfiguration.plain(server)
                configuration.credentials.authorization = .tokenFile(path)
                try await withClient(configuration) { client in
                    let error = await #expect(throws: KubernetesError.self) { try await client.get(configMaps, orders) }
                    #expect(error?.status?.reason == .unauthorized)
                    #expect(server.requests.count == 1)
                    _ = try directory.write("s3cret-two", to: "token")
                    _ = try await client.get(configMaps, orders)
                    #expect(server.requests.count == 3)
                }
            }
        }
    }

    @Test("a credential that cannot be sent is not shown by the error")
    func unusableToken() async throws {
        try await ScriptedServer.with({ _ in [] }) { server in
            var configuration = try ClusterConfiguration.plain(server)
            configuration.credentials.authorization = .token(Secret("s3cret\r\nX: y"))
            try await withClient(configuration) { client in
                let error = await #expect(throws: KubernetesError.self) { try await client.get(configMaps, orders) }
                #expect(error?.description.contains("s3cret") == false)
                #expect(server.requests.isEmpty)
            }
        }
    }

    @Test("a list is read page by page")
    func pages() async throws {
        let answers: ScriptedServer.Handler = { request in
            switch request.parameter("continue") {
            case nil: [.list([objectText("a", version: 1), objectText("b", version: 2)], version: 9, next: "x/=")]
            case "x%2F%3D": [.list([objectText("c", version: 3)], version: 9)]
            default: [.failure(400, "BadRequest")]
            }
        }
        try await with(answers) { client, server in
            let list = try await client.list(
                configMaps, ObjectSelection(namespace: "shop", labelSelector: "app.kubernetes.io/managed-by=dbmmo"), pageSize: 2)
            #expect(list.items.map(\.key.name) == ["a", "b", "c"])
            #expect(list.resourceVersion == "9")
            #expect(
                server.requests.first?.target
                    == "/api/v1/namespaces/shop/configmaps?labelSelector=app.kubernetes.io%2Fmanaged-by%3Ddbmmo&limit=2")
        }
    }

    @Test("when its pages expire, a list is begun anew, but not forever")
    func expiredPages() async throws {
        func answers(expiring times: Int) -> ScriptedServer.Handler {
            let left = NIOLockedValueBox(times)
            return { request in
                guard request.parameter("continue") != nil else { return [.list([objectText("a", version: 1)], version: 9, next: "x")] }
                let isExpired = left.withLockedValue { left in
                    left -= 1
                    return left >= 0
                }
                return isExpired ? [.failure(410, "Expired")] : [.list([objectText("b", version: 2)], version: 9)]
            }
        }
        try await with(answers(expiring: 2)) { client, _ in
            let list = try await client.list(configMaps)
            #expect(list.items.map(\.key.name) == ["a", "b"])
        }
        try await with(answers(expiring: 99)) { client, _ in
            let error = await #expect(throws: KubernetesError.self) { try await client.list(configMaps) }
            #expect(error?.isExpired == true)
        }
    }

    @Test("discovery tells whether a type is served")
    func discovery() async throws {
        let body =
            #"{"kind":"APIResourceList","groupVersion":"v1","resources":[{"name":"configmaps","kind":"ConfigMap","namespaced":true},{"name":"nodes","kind":"Node","namespaced":false}]}"#
        try await with({ request in request.target == "/api/v1" ? [.answer(200, body)] : [.failure(404, "NotFound")] }) { client, _ in
            let pods = ResourceType(version: "v1", resource: "pods", kind: "Pod")
            let (first, second, third) = (
                try await client.serves(configMaps), try await client.serves(pods), try await client.serves(.leases)
            )
            #expect([first, second, third] == [true, false, false])
            let types = try await client.resources(of: APIVersion(group: "", version: "v1"))
            #expect(types?.map(\.isNamespaced) == [true, false])
        }
    }
}
