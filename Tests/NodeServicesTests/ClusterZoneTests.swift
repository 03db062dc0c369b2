import KubernetesClient
import Testing

@testable import NodeServices

@Suite("the zone of a cluster")
struct ClusterZoneTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let service: ServiceEntry
        var subsets: [EndpointsEntry.Subset] = []
        /// The records beside those of every zone, without the time to live and the class, by name.
        let records: [String]
        var omissions: [String] = []
    }

    private static let key = ObjectKey(namespace: "shop", name: "db")
    private static let sql = NamedPort(name: "sql", number: 3306)

    static let cases = [
        Case(
            testDescription: "an address of its own, with a port that has a name",
            service: ServiceEntry(key: key, kind: .addresses(["10.0.0.7"]), ports: [NamedPort(name: "sql", number: 3306)]),
            records: [
                "db.shop.svc.cluster.local. A 10.0.0.7", "_sql._tcp.db.shop.svc.cluster.local. SRV 0 100 3306 db.shop.svc.cluster.local."
            ]),
        Case(
            testDescription: "a port without a name has no record",
            service: ServiceEntry(key: key, kind: .addresses(["10.0.0.7"]), ports: [NamedPort(number: 3306)]),
            records: ["db.shop.svc.cluster.local. A 10.0.0.7"]),
        Case(
            testDescription: "two families of addresses", service: ServiceEntry(key: key, kind: .addresses(["10.0.0.7", "FD00::0:7"])),
            records: ["db.shop.svc.cluster.local. A 10.0.0.7", "db.shop.svc.cluster.local. AAAA fd00::7"]),
        Case(testDescription: "no address yet", service: ServiceEntry(key: key, kind: .addresses([]), ports: [sql]), records: []),
        Case(testDescription: "headless and empty", service: ServiceEntry(key: key, kind: .headless, ports: [sql]), records: []),
        Case(
            testDescription: "headless, ready endpoints alone, with and without a name",
            service: ServiceEntry(key: key, kind: .headless, ports: [sql]),
            subsets: [
                EndpointsEntry.Subset(
                    ready: [
                        EndpointsEntry.Address(address: "10.1.0.1", hostName: "db-0"), EndpointsEntry.Address(address: "10.1.0.2")
                    ], notReady: [EndpointsEntry.Address(address: "10.1.0.3", hostName: "db-2")],
                    ports: [NamedPort(name: "sql", number: 3307)])
            ],
            records: [
                "db.shop.svc.cluster.local. A 10.1.0.1", "db.shop.svc.cluster.local. A 10.1.0.2",
                "10-1-0-2.db.shop.svc.cluster.local. A 10.1.0.2",
                "_sql._tcp.db.shop.svc.cluster.local. SRV 0 50 3307 10-1-0-2.db.shop.svc.cluster.local.",
                "_sql._tcp.db.shop.svc.cluster.local. SRV 0 50 3307 db-0.db.shop.svc.cluster.local.",
                "db-0.db.shop.svc.cluster.local. A 10.1.0.1"
            ]),
        Case(
            testDescription: "headless, also endpoints that are not ready",
            service: ServiceEntry(key: key, kind: .headless, publishesNotReady: true),
            subsets: [
                EndpointsEntry.Subset(ready: [EndpointsEntry.Address(address: "10.1.0.1", hostName: "db-0")]),
                EndpointsEntry.Subset(notReady: [EndpointsEntry.Address(address: "10.1.0.3", hostName: "db-2")])
            ],
            records: [
                "db.shop.svc.cluster.local. A 10.1.0.1", "db.shop.svc.cluster.local. A 10.1.0.3",
                "db-0.db.shop.svc.cluster.local. A 10.1.0.1", "db-2.db.shop.svc.cluster.local. A 10.1.0.3"
            ]),
        Case(
            testDescription: "an external name, whatever endpoints there are",
            service: ServiceEntry(key: key, kind: .external("DB.example.com"), ports: [sql]),
            subsets: [EndpointsEntry.Subset(ready: [EndpointsEntry.Address(address: "10.1.0.1")])],
            records: ["db.shop.svc.cluster.local. CNAME db.example.com."]),
        Case(
            testDescription: "an external name that is none", service: ServiceEntry(key: key, kind: .external("a b\n; x")), records: [],
            omissions: ["Service shop/db: its external name \"a b\n; x\" is none"]),
        Case(
            testDescription: "names that are no names",
            service: ServiceEntry(
                key: key, kind: .headless, ports: [NamedPort(name: "a.b", number: 1), NamedPort(name: "sql", number: 3306)]),
            subsets: [
                EndpointsEntry.Subset(
                    ready: [
                        EndpointsEntry.Address(address: "10.1.0.1", hostName: "x\" A"), EndpointsEntry.Address(address: "ten"),
                        EndpointsEntry.Address(address: "10.1.0.2", hostName: "_x")
                    ])
            ],
            records: ["db.shop.svc.cluster.local. A 10.1.0.1", "db.shop.svc.cluster.local. A 10.1.0.2"],
            omissions: [
                "Endpoints shop/db: \"x\" A\" makes no name of a host", "Service shop/db: \"ten\" is no address",
                "Endpoints shop/db: \"_x\" makes no name of a host"
            ]),
        Case(
            testDescription: "ports that are no ports",
            service: ServiceEntry(
                key: key, kind: .addresses(["10.0.0.7"]),
                ports: [NamedPort(name: "a.b", number: 1), NamedPort(name: "far", number: 70000), NamedPort(name: "_x", number: 1)]),
            records: ["db.shop.svc.cluster.local. A 10.0.0.7"],
            omissions: ["a.b", "far", "_x"].map { "Service shop/db: its port \"\($0)\" makes no name" }),
        Case(
            testDescription: "a Service whose name is no name of a host",
            service: ServiceEntry(key: ObjectKey(namespace: "shop", name: "-db"), kind: .addresses(["10.0.0.7"])), records: [],
            omissions: ["Service shop/-db: it makes no name of a host"])
    ]

    @Test("each kind of Service has its records", arguments: cases)
    func records(_ example: Case) throws {
        let zone = ClusterZone.zone(
            of: [example.service], [EndpointsEntry(key: example.service.key, subsets: example.subsets)],
            origin: try #require(DNSName("cluster.local")), nameServerAddress: try #require(NetworkAddress("10.0.0.1")))
        let head = [
            "$TTL 1", "cluster.local. 1 IN SOA ns.dns.cluster.local. hostmaster.cluster.local. 8 7200 1800 86400 1",
            "cluster.local. 1 IN NS ns.dns.cluster.local."
        ]
        let common = ["ns.dns.cluster.local. 1 IN A 10.0.0.1", "dns-version.cluster.local. 1 IN TXT \"1.1.0\""]
        let own = example.records.map { record in
            let parts = record.split(separator: " ", maxSplits: 1)
            return "\(parts[0]) 1 IN \(parts[1])"
        }
        let lines = zone.text(serial: 8).split(separator: "\n").map(String.init)
        #expect(Array(lines.prefix(3)) == head)
        #expect(lines.dropFirst(3).sorted() == (common + own).sorted())
        #expect(zone.omissions == example.omissions)
    }

    @Test("the text does not depend on the order of the objects")
    func order() throws {
        let services = ["a", "b", "c"].map { ServiceEntry(key: ObjectKey(namespace: "n", name: $0), kind: .addresses(["10.0.0.1"])) }
        let origin = try #require(DNSName("cluster.local"))
        let address = try #require(NetworkAddress("10.0.0.1"))
        let zones = [services, services.reversed()].map { ClusterZone.zone(of: $0, [], origin: origin, nameServerAddress: address) }
        #expect(zones[0].text(serial: 1) == zones[1].text(serial: 1))
    }
}
