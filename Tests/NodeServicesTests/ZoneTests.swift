import JSON
import KubernetesClient
import NIOCore
import Testing

@testable import NodeServices

@Suite("names and zone files")
struct ZoneTests {
    private func external(_ names: [String: String]) throws -> (records: [String], omissions: [String]) {
        let cluster = try #require(DNSName("cluster.local"))
        let address = try #require(NetworkAddress("10.0.0.1"))
        let zone = try #require(ExternalZone.zone(of: names, besides: cluster, nameServerAddress: address))
        return (zone.text(serial: 1).split(separator: "\n").dropFirst(3).map(String.init), zone.omissions)
    }

    @Test("names of hosts and services")
    func names() {
        for text in ["a", "A.b.", "_sql._tcp.db", "10-1-0-2.x", "1.2.3.4"] { #expect(DNSName(text) != nil, "\(text)") }
        for text in ["", ".", "a..b", "-a", "a-", "a_b", "__a", "_", "a b", "a\nb", "ä", "a;b", "*", String(repeating: "a", count: 64)] {
            #expect(DNSName(text) == nil, "\(text)")
        }
        let longest = Array(repeating: String(repeating: "a", count: 63), count: 3) + [String(repeating: "a", count: 61)]
        #expect(DNSName(longest) != nil)
        #expect(DNSName(longest + ["a"]) == nil)
        #expect(DNSName("A.B")?.description == "a.b.")
    }

    @Test("addresses")
    func addresses() {
        #expect(NetworkAddress("10.0.0.1")?.recordType == "A")
        #expect(NetworkAddress("FD00::0")?.description == "fd00::")
        for text in ["", "10.0.0", "10.0.0.256", "10.0.0.1 ", "x", ":"] { #expect(NetworkAddress(text) == nil, "\(text)") }
    }

    @Test("names outside of the cluster lead to addresses and other names")
    func externalNames() throws {
        let zone = try external(["a.example.com": "10.0.0.9\n", "b.example.com": "a.example.com", "c.example.com.": "fd00::1"])
        #expect(
            zone.records == [
                "a.example.com. 1 IN A 10.0.0.9", "b.example.com. 1 IN CNAME a.example.com.", "c.example.com. 1 IN AAAA fd00::1",
                "external-names. 1 IN A 10.0.0.1"
            ])
        #expect(zone.omissions.isEmpty)
    }

    @Test("what would break the zone of the root is left out")
    func externalFaults() throws {
        let zone = try external([
            "a.example.com": "10.0.0.9", "a.example.com.": "10.0.0.8", "A.EXAMPLE.com": "b", "x.cluster.local": "10.0.0.1",
            "a_b": "10.0.0.1",
            "external-names": "x", "d": "no name", "e": "", "f": "a b"
        ])
        #expect(zone.records == ["a.example.com. 1 IN CNAME b.", "external-names. 1 IN A 10.0.0.1"])
        #expect(zone.omissions.count == 8)
    }

    @Test("a zone is written when it says something new, with a larger serial number")
    func serial() throws {
        let address = try #require(NetworkAddress("10.0.0.1"))
        let origin = try #require(DNSName("cluster.local"))
        var zone = Zone(origin: origin, nameServer: origin, nameServerAddress: address)
        let first = try #require(ZoneFile.next(zone, after: "", time: 1000))
        #expect(ZoneFile.serial(in: first) == 1000)
        #expect(ZoneFile.next(zone, after: first, time: 2000) == nil)
        zone.add(address, to: try #require(DNSName("a.cluster.local")))
        let second = try #require(ZoneFile.next(zone, after: first, time: 1000))
        #expect(ZoneFile.serial(in: second) == 1001)
        zone.add(address, to: try #require(DNSName("b.cluster.local")))
        let third = try #require(ZoneFile.next(zone, after: second, time: 3000))
        #expect(ZoneFile.serial(in: third) == 3000)
        #expect(ZoneFile.next(zone, after: "something else\n", time: 5).flatMap(ZoneFile.serial) == 5)
    }

    @Test("Services and Endpoints are read")
    func reading() throws {
        func object(_ text: String) throws -> KubernetesObject {
            let root = try JSONDocument(parsing: text).root
            return try #require(KubernetesObject(copying: root))
        }
        let service = try ServiceEntry(
            try object(
                """
                {"metadata": {"namespace": "n", "name": "s"}, "spec": {"clusterIP": "None", "publishNotReadyAddresses": true,
                 "ports": [{"name": "sql", "port": 3306, "protocol": "UDP"}, {"port": 1}]}}
                """))
        #expect(
            service
                == ServiceEntry(
                    key: ObjectKey(namespace: "n", name: "s"), kind: .headless,
                    ports: [NamedPort(name: "sql", transport: "UDP", number: 3306), NamedPort(number: 1)], publishesNotReady: true))
        let external = try object(
            #"{"metadata": {"namespace": "n", "name": "s"}, "spec": {"type": "ExternalName", "externalName": "x.y"}}"#)
        #expect(try ServiceEntry(external).kind == .external("x.y"))
        let single = try object(#"{"metadata": {"namespace": "n", "name": "s"}, "spec": {"type": "NodePort", "clusterIP": "10.0.0.1"}}"#)
        #expect(try ServiceEntry(single).kind == .addresses(["10.0.0.1"]))
        let endpoints = try EndpointsEntry(
            try object(
                """
                {"metadata": {"namespace": "n", "name": "s"}, "subsets": [
                  {"addresses": [{"ip": "10.0.0.1", "hostname": "h"}], "notReadyAddresses": [{"ip": "10.0.0.2"}], "ports": [{"port": 1}]}]}
                """))
        #expect(
            endpoints.subsets == [
                EndpointsEntry.Subset(
                    ready: [EndpointsEntry.Address(address: "10.0.0.1", hostName: "h")],
                    notReady: [EndpointsEntry.Address(address: "10.0.0.2")], ports: [NamedPort(number: 1)])
            ])
    }
}
