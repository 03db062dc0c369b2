import Glibc
import HTTPServer
import Logging
import Testing

@Suite("Listen addresses")
struct ListenAddressTests {
    @Test(
        "host and port are read, an IPv6 address in brackets",
        arguments: [
            ("127.0.0.1:9443", "127.0.0.1", 9443, "127.0.0.1:9443"), ("[::1]:80", "::1", 80, "[::1]:80"), ("[::]:0", "::", 0, "[::]:0"),
            ("localhost:65535", "localhost", 65535, "localhost:65535"), (":8080", "", 8080, ":8080")
        ])
    func accepted(text: String, host: String, port: UInt16, description: String) throws {
        let address = try ListenAddress(parsing: text)
        #expect(address.host == host)
        #expect(address.port == port)
        #expect(address.description == description)
    }

    @Test(
        "anything else is refused with the text and the reason",
        arguments: [
            ("", "no port"), ("localhost", "no port"), ("localhost:", "number from 0 to 65535"), ("localhost:65536", "number from 0"),
            ("localhost:-1", "number from 0"), ("localhost:+1", "number from 0"), ("::1:80", "in brackets"), ("[::1]", "number from 0"),
            ("[::1:80", "hold an IPv6"), ("[]:80", "hold an IPv6"), ("[localhost]:80", "hold an IPv6"), ("a b:80", "no host can have"),
            ("http://x:80", "in brackets"), ("x/y:80", "no host can have"), ("localhost:٣", "number from 0")
        ])
    func refused(text: String, reason: String) {
        let error = #expect(throws: ListenAddressError.self) { try ListenAddress(parsing: text) }
        #expect(error?.description.contains(reason) == true)
        #expect(error?.description.contains("'\(text)'") == true)
    }

    @Test("without a host, clients are served by IPv6 and by IPv4")
    func everyAddress() async throws {
        let address = try ListenAddress(parsing: ":0")
        let server = try await HTTPServer.bind(
            HTTPServer.Configuration(address: address), routes: testRoutes, responder: EchoResponder(), logger: Logger(label: "test"))
        let running = Task { try await server.run() }
        let hasIPv6 = Self.canListen(on: in6addr_loopback)
        #expect(server.localAddress.host == (hasIPv6 ? "::" : "0.0.0.0"))
        for host in hasIPv6 ? ["127.0.0.1", "::1"] : ["127.0.0.1"] {
            var client = try await RawClient(server, host: host)
            try await client.send("GET /info HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.response().status == 200)
        }
        server.beginDraining()
        try await running.value
    }

    private static func canListen(on address: in6_addr) -> Bool {
        let descriptor = socket(AF_INET6, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var place = sockaddr_in6()
        (place.sin6_family, place.sin6_addr) = (sa_family_t(AF_INET6), address)
        return withUnsafePointer(to: &place) { place in
            place.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in6>.size)) == 0
            }
        }
    }

    @Test("an address in use is one clear line")
    func addressInUse() async throws {
        try await withServer { server in
            let configuration = HTTPServer.Configuration(address: server.localAddress)
            let error = await #expect(throws: HTTPServerError.self) {
                try await HTTPServer.bind(configuration, routes: [], responder: EchoResponder(), logger: Logger(label: "test"))
            }
            #expect(error?.code == .cannotListen)
            #expect(error?.description == "cannot listen on \(server.localAddress): Address already in use")
        }
    }

    @Test("a host that does not exist is one clear line")
    func unknownHost() async throws {
        let configuration = HTTPServer.Configuration(address: ListenAddress(host: "no-such-host.invalid", port: 1))
        let error = await #expect(throws: HTTPServerError.self) {
            try await HTTPServer.bind(configuration, routes: [], responder: EchoResponder(), logger: Logger(label: "test"))
        }
        #expect(error?.description.hasPrefix("cannot listen on no-such-host.invalid:1: ") == true)
        #expect(error?.description.contains("\n") == false)
    }

    @Test("a server that was bound can be closed without having run")
    func closedUnused() async throws {
        let configuration = HTTPServer.Configuration(address: ListenAddress(host: "127.0.0.1", port: 0))
        let server = try await HTTPServer.bind(configuration, routes: [], responder: EchoResponder(), logger: Logger(label: "test"))
        #expect(server.localAddress.port != 0)
        await server.close()
    }
}
