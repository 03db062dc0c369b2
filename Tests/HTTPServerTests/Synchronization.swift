import Glibc
import HTTPServer
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1

/// Opens once; threads and tasks can wait for it.
final class Gate: Sendable {
    private let lock = ConditionLock(value: false)

    func open() {
        lock.lock()
        lock.unlock(withValue: true)
    }

    /// Blocks the thread.
    func wait() {
        lock.lock(whenValue: true)
        lock.unlock()
    }

    func opened() async {
        while lock.value == false { try? await Task.sleep(for: .milliseconds(5)) }
    }
}

final class Counter: Sendable {
    private let count = NIOLockedValueBox(0)

    var value: Int { count.withLockedValue { $0 } }

    func increment() { count.withLockedValue { $0 += 1 } }
}

/// Counts refusals by their reasons.
final class RefusalCounts: Sendable {
    private let counts = NIOLockedValueBox<[HTTPRefusal.Reason: Int]>([:])

    var all: [HTTPRefusal.Reason: Int] { counts.withLockedValue { $0 } }

    subscript(reason: HTTPRefusal.Reason) -> Int { all[reason, default: 0] }

    func count(_ reason: HTTPRefusal.Reason) {
        counts.withLockedValue { $0[reason, default: 0] += 1 }
    }
}

/// Blocks the thread, as a long computation would.
func block(for duration: Duration) {
    usleep(UInt32(duration / .microseconds(1)))
}

/// Answers everything with a body of a size.
struct LargeResponder: HTTPResponder {
    var size: Int

    func respond(to request: HTTPRequest) -> HTTPResponse {
        HTTPResponse(status: .ok, body: ByteBuffer(bytes: Array(repeating: 0x78, count: size)))
    }
}

extension EchoResponder {
    /// Answers requests that have a body only when it may.
    static func held(entering entered: Gate, until leave: Gate) -> EchoResponder {
        EchoResponder { request in
            guard request.body.readableBytes > 0 else { return }
            entered.open()
            leave.wait()
        }
    }
}
