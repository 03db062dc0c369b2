import KubernetesClient

/// The names of a cluster, as the specification of DNS-based service discovery (version 1.1.0) has them. Reverse names are left out.
///
/// https://github.com/kubernetes/dns/blob/master/docs/specification.md
struct ClusterZone {
    private let origin: DNSName
    private var zone: Zone

    /// - Parameter origin: As `cluster.local`.
    static func zone(
        of services: [ServiceEntry], _ endpoints: [EndpointsEntry], origin: DNSName, nameServerAddress: NetworkAddress
    ) -> Zone {
        var names = ClusterZone(origin: origin, nameServerAddress: nameServerAddress)
        let endpoints = Dictionary(endpoints.map { ($0.key, $0) }) { first, _ in first }
        for service in services.sorted(by: { $0.key < $1.key }) { names.add(service, endpoints[service.key]) }
        return names.zone
    }

    private init(origin: DNSName, nameServerAddress: NetworkAddress) {
        self.origin = origin
        let nameServer = origin.prefixed(by: "ns", "dns") ?? origin
        zone = Zone(origin: origin, nameServer: nameServer, nameServerAddress: nameServerAddress)
        if let version = origin.prefixed(by: "dns-version") { zone.add("TXT", "\"1.1.0\"", to: version) }
    }

    private mutating func add(_ service: ServiceEntry, _ endpoints: EndpointsEntry?) {
        guard let name = origin.prefixed(by: service.key.name, service.key.namespace, "svc"), name.isHostName else {
            return zone.omit("Service \(service.key): it makes no name of a host")
        }
        switch service.kind {
        case .addresses(let addresses): add(service, name, addresses)
        case .headless: add(service, name, endpoints?.subsets ?? [])
        case .external(let text):
            guard let target = DNSName(text) else { return zone.omit("Service \(service.key): its external name \"\(text)\" is none") }
            zone.add("CNAME", "\(target)", to: name)
        }
    }

    /// A Service with an address of its own.
    private mutating func add(_ service: ServiceEntry, _ name: DNSName, _ addresses: [String]) {
        let addresses = addresses.compactMap { address(in: $0, of: service) }
        guard !addresses.isEmpty else { return }
        for address in addresses { zone.add(address, to: name) }
        for port in service.ports { add(port, of: service, name, targets: [name]) }
    }

    /// A headless Service: each endpoint has a name below the Service's.
    private mutating func add(_ service: ServiceEntry, _ name: DNSName, _ subsets: [EndpointsEntry.Subset]) {
        var targets: [NamedPort: Set<DNSName>] = [:]
        for subset in subsets {
            let shown = subset.ready + (service.publishesNotReady ? subset.notReady : [])
            for endpoint in shown {
                guard let address = address(in: endpoint.address, of: service) else { continue }
                zone.add(address, to: name)
                guard let host = name.prefixed(by: endpoint.hostName.isEmpty ? address.label : endpoint.hostName), host.isHostName else {
                    zone.omit("Endpoints \(service.key): \"\(endpoint.hostName)\" makes no name of a host")
                    continue
                }
                zone.add(address, to: host)
                for port in subset.ports { targets[port, default: []].insert(host) }
            }
        }
        for (port, hosts) in targets { add(port, of: service, name, targets: hosts) }
    }

    /// The SRV records of a port that has a name.
    private mutating func add(_ port: NamedPort, of service: ServiceEntry, _ name: DNSName, targets: Set<DNSName>) {
        guard !port.name.isEmpty else { return }
        guard !port.name.hasPrefix("_"), let owner = name.prefixed(by: "_\(port.name)", "_\(port.transport)"),
            (1...65535).contains(port.number)
        else { return zone.omit("Service \(service.key): its port \"\(port.name)\" makes no name") }
        let weight = max(1, 100 / max(1, targets.count))
        for target in targets { zone.add("SRV", "0 \(weight) \(port.number) \(target)", to: owner) }
    }

    private mutating func address(in text: String, of service: ServiceEntry) -> NetworkAddress? {
        guard let address = NetworkAddress(text) else {
            zone.omit("Service \(service.key): \"\(text)\" is no address")
            return nil
        }
        return address
    }
}
