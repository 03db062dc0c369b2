import JSON
import KubernetesClient

/// The names outside of the cluster, as a test gives them: the zone of the root.
enum ExternalZone {
    /// The ConfigMap with the names.
    static let configMap = ObjectKey(namespace: "kube-system", name: "external-names")

    /// - Throws: `JSONParseError`.
    static func names(in configMap: KubernetesObject) throws -> [String: String] {
        let data = try configMap.json()["data"]?.members ?? []
        return Dictionary(data.map { ($0.name, $0.value.string ?? "") }) { first, _ in first }
    }

    /// - Parameters:
    ///   - names: To each name of a host an address or another name.
    ///   - cluster: The zone of the cluster, in which no names can be given.
    static func zone(of names: [String: String], besides cluster: DNSName, nameServerAddress: NetworkAddress) -> Zone? {
        guard let nameServer = DNSName(["external-names"]) else { return nil }
        var zone = Zone(origin: nil, nameServer: nameServer, nameServerAddress: nameServerAddress)
        for (text, value) in names.sorted(by: { $0.key < $1.key }) {
            let start = value.drop(while: \.isWhitespace)
            let value = String(start[..<(start.lastIndex { !$0.isWhitespace }.map(start.index(after:)) ?? start.startIndex)])
            if let fault = add(text, value, to: &zone, besides: cluster) {
                zone.omit("ConfigMap \(configMap): \"\(text)\": \(fault)")
            }
        }
        return zone
    }

    /// - Returns: Why it cannot be in the zone.
    private static func add(_ text: String, _ value: String, to zone: inout Zone, besides cluster: DNSName) -> String? {
        guard let name = DNSName(text), name.isHostName else { return "no name of a host" }
        guard name != cluster, !name.isBelow(cluster) else { return "in the cluster's zone" }
        // A name with a CNAME has nothing else.
        guard !zone.has(name) else { return "given twice" }
        if let address = NetworkAddress(value) {
            zone.add(address, to: name)
        } else if let target = DNSName(value) {
            zone.add("CNAME", "\(target)", to: name)
        } else {
            return "\"\(value)\" is neither an address nor a name"
        }
        return nil
    }
}
