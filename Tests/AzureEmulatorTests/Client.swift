import AsyncHTTPClient
import AzureEmulator
import FoundationEssentials
import JSON
import NIOCore
import NIOHTTP1

/// What was answered.
struct Answer: Sendable {
    let status: Int
    let headers: HTTPHeaders
    let text: String

    var json: JSONValue? { try? JSONDocument(parsing: text).root }
    var code: String? { json?["error"]?["code"]?.string ?? json?["error"]?.string }
    func header(_ name: String) -> String? { headers.first(name: name) }
    var operation: String { headers.first(name: "Azure-AsyncOperation") ?? "" }
}

/// A client that sends what it is told to, well-behaved or not.
struct Client: Sendable {
    let azure: AzureEmulator
    var token = ""
    var apiVersion = "2023-12-30"
    var userAgent = "dbmmo/0.0.0"

    /// One that has signed in.
    static func signedIn(to azure: AzureEmulator) async throws -> Client {
        var client = Client(azure: azure)
        client.token = try await client.newToken().json?["access_token"]?.string ?? ""
        return client
    }

    var group: String {
        "/subscriptions/\(azure.subscription)/resourceGroups/\(azure.resourceGroup)/providers/Microsoft.DBforMySQL/flexibleServers"
    }

    func call(
        _ method: String, _ path: String, _ body: String? = nil, id: String = UUID().uuidString, type: String = "application/json"
    ) async throws -> Answer {
        let isURL = path.hasPrefix("http")
        var request = HTTPClientRequest(url: isURL ? path : "\(azure.url)\(path)?api-version=\(apiVersion)")
        request.method = HTTPMethod(rawValue: method)
        request.headers = ["Authorization": "Bearer \(token)", "x-ms-client-request-id": id, "User-Agent": userAgent]
        if let body {
            request.headers.add(name: "Content-Type", value: type)
            request.body = .bytes(ByteBuffer(string: body))
        }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(10))
        let text = String(buffer: try await response.body.collect(upTo: 1 << 20))
        return Answer(status: Int(response.status.code), headers: response.headers, text: text)
    }

    func form(_ end: String, _ fields: [String: String]) async throws -> Answer {
        let text = fields.map { name, value in
            let escaped = value.utf8.map { byte in
                let character = Character(UnicodeScalar(byte))
                return character.isLetter || character.isNumber ? String(character) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
            return "\(name)=\(escaped.joined())"
        }.joined(separator: "&")
        let url = "\(azure.url)/\(azure.tenant)/oauth2/v2.0/\(end)"
        return try await call("POST", url, text, type: "application/x-www-form-urlencoded")
    }

    func newToken(_ changes: [String: String] = [:]) async throws -> Answer {
        let fields = [
            "grant_type": "client_credentials", "client_id": azure.client, "client_secret": azure.secret,
            "scope": "\(azure.audience)/.default"
        ]
        return try await form("token", fields.merging(changes) { $1 }.filter { !$0.value.isEmpty })
    }

    /// The body of a creation. Each change replaces one text by another.
    static func creation(_ changes: (from: String, to: String)...) -> String {
        let text = """
            {"location":"westeurope","tags":{"dbmmo-uid":"u1"},"sku":{"name":"Standard_B1ms","tier":"Burstable"},"properties":{\
            "createMode":"Default","administratorLogin":"orders_admin","administratorLoginPassword":"Very-Secret-1",\
            "version":"8.0.21","storage":{"storageSizeGB":32}}}
            """
        return changes.reduce(text) { $0.replacing($1.from, with: $1.to) }
    }

    func create(_ name: String) async throws -> Answer { try await call("PUT", "\(group)/\(name)", Client.creation()) }

    /// Follows an operation to its end.
    ///
    /// - Returns: Its last status.
    func finish(_ answer: Answer) async throws -> String {
        while true {
            let status = try await call("GET", answer.operation).json?["status"]?.string ?? ""
            if status != "InProgress" { return status }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    func state(of name: String) async throws -> String? {
        try await call("GET", "\(group)/\(name)").json?["properties"]?["state"]?.string
    }
}

extension EmulatorOptions {
    /// Without pauses.
    static var quick: EmulatorOptions {
        var options = EmulatorOptions()
        options.retryAfter = 0
        options.creationTime = .milliseconds(40)
        options.changeTime = .milliseconds(40)
        options.deletionTime = .milliseconds(40)
        options.detailTime = .milliseconds(20)
        return options
    }

    /// Operations go on until they are looked at again, much later.
    static var slow: EmulatorOptions {
        var options = quick
        options.changeTime = .seconds(60)
        return options
    }
}
