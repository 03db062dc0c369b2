import Glibc
import TestSupport

/// A TCP connection to 127.0.0.1 on which a test sends what no well-behaved client would.
final class RawConnection {
    private let descriptor: Int32

    /// - Parameter source: the address to come from, one of this host's.
    init(port: UInt16, from source: LoopbackAddress.Source? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SystemCallFailure("socket") }
        var timeout = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        // `deinit` closes the descriptor after a failure too.
        if let source { try source.bind(descriptor) }
        guard LoopbackAddress.with(port: port, { connect(descriptor, $0, $1) }) == 0 else { throw SystemCallFailure("connect") }
    }

    deinit { close(descriptor) }

    func send(_ bytes: [UInt8]) throws {
        guard Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw SystemCallFailure("send")
        }
    }

    /// What arrives until the other side closes; throws when it has not done so five seconds after its last byte.
    func receiveAll() throws -> String {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            guard count >= 0 else { throw SystemCallFailure("recv") }
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += chunk.prefix(count)
        }
    }
}

enum LoopbackAddress {
    /// 127.0.0.`number`, from which a connection looks like one of another host when it goes to 127.0.0.1.
    struct Source: Sendable {
        let number: UInt8

        func bind(_ descriptor: Int32) throws {
            let result = LoopbackAddress.with(port: 0, lastByte: number) { Glibc.bind(descriptor, $0, $1) }
            guard result == 0 else { throw SystemCallFailure("bind") }
        }
    }

    static func with<Result>(port: UInt16, lastByte: UInt8 = 1, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = (0x7F00_0000 | UInt32(lastByte)).bigEndian
        return withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
    }

    /// A port on which nobody listens, below those that the kernel gives to outgoing connections.
    static func freePort() throws -> UInt16 {
        for _ in 0..<100 {
            let port = UInt16.random(in: 10000..<20000)
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            guard descriptor >= 0 else { throw SystemCallFailure("socket") }
            defer { close(descriptor) }
            if with(port: port, { bind(descriptor, $0, $1) }) == 0 { return port }
        }
        throw SystemCallFailure("bind")
    }
}
