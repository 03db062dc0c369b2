import TestSupport

/// What a client that follows the protocol saw until the server was gone, by the `uid` of each request.
struct ReviewLoad: Sendable {
    private(set) var answered: Set<String> = []
    /// Requests that the protocol lets a client send again, since the server has not begun with them.
    private(set) var repeatable: Set<String> = []
    /// Requests that the server had taken on, as far as the client can know, and left without an answer.
    private(set) var lost: [String] = []

    static func merging(_ loads: [ReviewLoad]) -> ReviewLoad {
        loads.reduce(into: ReviewLoad()) { sum, load in
            sum.answered.formUnion(load.answered)
            sum.repeatable.formUnion(load.repeatable)
            sum.lost += load.lost
        }
    }

    // MARK: HTTP/1.1

    /// Sends one review after the other, on a new connection whenever the server closes one, until it takes no more connections.
    static func http1(port: UInt16, name: String) throws -> ReviewLoad {
        var load = ReviewLoad()
        var number = 0
        while var connection = try? ReviewConnection(port: port) {
            var isOpen = true
            while isOpen {
                number += 1
                let uid = "\(name)-\(number)"
                switch try connection.exchange(ReviewConnection.request("/validate", Reviews.creation(uid: uid).utf8)) {
                case .answered(let answer):
                    load.note(uid, status: answer.status, body: answer.body)
                    isOpen = !answer.closes
                case .unanswered:
                    // The server may close an idle connection while a request is on its way to it (RFC 9112, section 9.5).
                    load.repeatable.insert(uid)
                    isOpen = false
                case .cutShort:
                    load.lost.append("\(uid): cut short")
                    isOpen = false
                }
            }
        }
        return load
    }

    // MARK: HTTP/2

    /// Keeps ten requests under way, on a new connection after each GOAWAY, until the server takes no more connections.
    static func http2(port: UInt16, name: String) throws -> ReviewLoad {
        var load = ReviewLoad()
        var number = 0
        while let client = try? HTTP2Client(port: port) {
            var underWay: [UInt32: Request] = [:]
            var nextStream: UInt32 = 1
            /// The last stream that the server answers, once it has said so.
            var lastStream: UInt32?
            while lastStream == nil || !underWay.isEmpty {
                while lastStream == nil, underWay.count < 10 {
                    number += 1
                    let request = Request(uid: "\(name)-\(number)")
                    // A connection that has ended says in what it sent before what became of the request.
                    try? client.request(nextStream, body: Array(Reviews.creation(uid: request.uid).utf8))
                    underWay[nextStream] = request
                    nextStream += 2
                }
                guard let frame = try client.receive() else { break }
                switch frame.kind {
                case .data:
                    underWay[frame.streamID]?.body += frame.payload
                    if !frame.payload.isEmpty { try? client.send([.windowUpdate(0, by: UInt32(frame.payload.count))]) }
                case .headers: underWay[frame.streamID]?.status = try client.status(frame)
                case .rstStream:
                    guard let request = underWay.removeValue(forKey: frame.streamID) else { break }
                    if frame.errorCode == .refusedStream {
                        load.repeatable.insert(request.uid)
                    } else {
                        load.lost.append("\(request.uid): reset with \(frame.number)")
                    }
                case .settings where !frame.flags.contains(.ack): try? client.send([.settingsAck])
                case .ping where !frame.flags.contains(.ack): try? client.send([frame.flagged(.ack)])
                case .goAway: lastStream = frame.number
                default: break
                }
                if frame.kind == .data || frame.kind == .headers, frame.flags.contains(.endStream),
                    let request = underWay.removeValue(forKey: frame.streamID)
                {
                    load.note(request.uid, status: request.status, body: request.body)
                }
                for (stream, request) in underWay where stream > lastStream ?? .max {
                    load.repeatable.insert(request.uid)
                    underWay[stream] = nil
                }
            }
            load.lost += underWay.map {
                "\($0.value.uid): no answer on stream \($0.key), last stream \(lastStream.map(String.init) ?? "-")"
            }
            client.tls.closeInOrder()
        }
        return load
    }

    private struct Request {
        let uid: String
        var status: Int?
        var body: [UInt8] = []
    }

    private mutating func note(_ uid: String, status: Int?, body: [UInt8]) {
        if status == 200, String(decoding: body, as: UTF8.self).contains("\"uid\":\"\(uid)\"") {
            answered.insert(uid)
        } else {
            lost.append("\(uid): status \(status ?? 0)")
        }
    }
}
