import Glibc
import NIOCore
import Synchronization

/// Where a connection comes from: an address of IPv4 or IPv6, without the port.
struct PeerAddress: Hashable, Sendable {
    /// The address in IPv6; one of IPv4 is mapped (RFC 4291 section 2.5.5.2), as a listener for both sees it. All zeros when it is not known.
    private let high: UInt64
    private let low: UInt64

    init(_ address: SocketAddress?) {
        switch address {
        case .v4:
            high = 0
            low = 0xFFFF_0000_0000 | (address?.withSockAddr { Self.read(UInt32.self, $0, $1, at: 4) } ?? 0)
        case .v6:
            high = address?.withSockAddr { Self.read(UInt64.self, $0, $1, at: 8) } ?? 0
            low = address?.withSockAddr { Self.read(UInt64.self, $0, $1, at: 16) } ?? 0
        case .unixDomainSocket, nil:
            high = 0
            low = 0
        }
    }

    /// A part of a `sockaddr_in` or `sockaddr_in6`, in network byte order.
    private static func read<Part: FixedWidthInteger>(
        _ type: Part.Type, _ address: UnsafePointer<sockaddr>, _ size: Int, at offset: Int
    ) -> UInt64 {
        guard offset + MemoryLayout<Part>.size <= size else { return 0 }
        return UInt64(truncatingIfNeeded: Part(bigEndian: UnsafeRawPointer(address).loadUnaligned(fromByteOffset: offset, as: type)))
    }
}

/// What an address has done so far. Its connections tell it from their event loops, without a lock.
final class Peer: Sendable {
    /// How long after its last completed request an address is known. An API server that was quiet for longer has to ask once more, like anyone.
    static let memory = TimeAmount.minutes(10)

    private let word = Atomic<UInt64>(0)

    /// When it completed a request the last time.
    var lastCompleted: NIODeadline? {
        let nanoseconds = word.load(ordering: .relaxed)
        return nanoseconds == 0 ? nil : .uptimeNanoseconds(nanoseconds)
    }

    func completed(at now: NIODeadline) {
        word.store(now.uptimeNanoseconds, ordering: .relaxed)
    }

    /// Whether it has completed a request lately.
    func isKnown(at now: NIODeadline) -> Bool {
        lastCompleted.map { now - $0 < Self.memory } ?? false
    }
}
