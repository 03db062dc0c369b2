import JSON
import KubernetesClient

/// A port of a Service or of its endpoints.
struct NamedPort: Sendable, Hashable {
    /// Empty when it has none.
    var name = ""
    /// As `TCP`.
    var transport = "TCP"
    let number: Int64

    init(name: String = "", transport: String = "TCP", number: Int64) {
        self.name = name
        self.transport = transport
        self.number = number
    }

    init?(_ json: JSONValue) {
        guard let number = json["port"]?.integer else { return nil }
        self.init(name: json["name"]?.string ?? "", transport: json["protocol"]?.string ?? "TCP", number: number)
    }
}

/// A Service, as far as names go.
struct ServiceEntry: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        /// Its own addresses, none before the API server has given one.
        case addresses([String])
        /// Its endpoints have the addresses.
        case headless
        /// Another name.
        case external(String)
    }

    let key: ObjectKey
    let kind: Kind
    var ports: [NamedPort] = []
    var publishesNotReady = false

    init(key: ObjectKey, kind: Kind, ports: [NamedPort] = [], publishesNotReady: Bool = false) {
        self.key = key
        self.kind = kind
        self.ports = ports
        self.publishesNotReady = publishesNotReady
    }

    /// - Throws: `JSONParseError`.
    init(_ object: KubernetesObject) throws {
        let spec = try object.json()["spec"]
        let address = spec?["clusterIP"]?.string ?? ""
        key = object.key
        kind =
            if spec?["type"]?.string == "ExternalName" {
                .external(spec?["externalName"]?.string ?? "")
            } else if address == "None" {
                .headless
            } else {
                .addresses(address.isEmpty ? [] : spec?["clusterIPs"]?.elements.compactMap(\.string) ?? [address])
            }
        ports = (spec?["ports"]?.elements ?? []).compactMap(NamedPort.init)
        publishesNotReady = spec?["publishNotReadyAddresses"]?.boolean ?? false
    }
}

/// The Endpoints of a Service.
struct EndpointsEntry: Sendable, Equatable {
    struct Address: Sendable, Equatable {
        let address: String
        /// Empty when it has none.
        var hostName = ""
    }

    struct Subset: Sendable, Equatable {
        var ready: [Address] = []
        var notReady: [Address] = []
        var ports: [NamedPort] = []
    }

    let key: ObjectKey
    let subsets: [Subset]

    init(key: ObjectKey, subsets: [Subset]) {
        self.key = key
        self.subsets = subsets
    }

    /// - Throws: `JSONParseError`.
    init(_ object: KubernetesObject) throws {
        func addresses(_ json: JSONValue?) -> [Address] {
            (json?.elements ?? []).compactMap { json in
                json["ip"]?.string.map { Address(address: $0, hostName: json["hostname"]?.string ?? "") }
            }
        }
        key = object.key
        subsets = (try object.json()["subsets"]?.elements ?? []).map { subset in
            Subset(
                ready: addresses(subset["addresses"]), notReady: addresses(subset["notReadyAddresses"]),
                ports: (subset["ports"]?.elements ?? []).compactMap(NamedPort.init))
        }
    }
}
