/// What a name server says of the names below one name.
struct Zone: Sendable, Equatable {
    /// How long answers are kept, in seconds: also those that there is no such name.
    static let timeToLive = 1

    /// Nil for the root.
    let origin: DNSName?
    let nameServer: DNSName
    let nameServerAddress: NetworkAddress
    private var records: [DNSName: Set<String>] = [:]
    private(set) var omissions: [String] = []

    init(origin: DNSName?, nameServer: DNSName, nameServerAddress: NetworkAddress) {
        self.origin = origin
        self.nameServer = nameServer
        self.nameServerAddress = nameServerAddress
        add(nameServerAddress.recordType, nameServerAddress.description, to: nameServer)
    }

    /// - Parameter data: Without a line end, and with absolute names.
    mutating func add(_ type: String, _ data: String, to name: DNSName) {
        records[name, default: []].insert("\(type) \(data)")
    }

    mutating func add(_ address: NetworkAddress, to name: DNSName) { add(address.recordType, address.description, to: name) }

    func has(_ name: DNSName) -> Bool { records[name] != nil }

    /// Notes that something is not in the zone.
    ///
    /// - Parameter what: For people.
    mutating func omit(_ what: String) { omissions.append(what) }

    /// The zone as a file (RFC 1035, section 5), apart from its serial number.
    func text(serial: UInt32) -> String {
        let origin = origin.map(\.description) ?? "."
        let contact = origin == "." ? "hostmaster." : "hostmaster.\(origin)"
        var lines = [
            "$TTL \(Self.timeToLive)",
            "\(origin) \(Self.timeToLive) IN SOA \(nameServer) \(contact) \(serial) 7200 1800 86400 \(Self.timeToLive)",
            "\(origin) \(Self.timeToLive) IN NS \(nameServer)"
        ]
        for (name, data) in records.sorted(by: { $0.key < $1.key }) {
            lines += data.sorted().map { "\(name) \(Self.timeToLive) IN \($0)" }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
