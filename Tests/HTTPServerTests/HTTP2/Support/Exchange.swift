import TestSupport

/// What a server has sent on one stream.
struct Exchange {
    var interim: [Int] = []
    var status: Int?
    var fields: [String: String] = [:]
    var body = ""
    var hasEnded = false
    var reset: Frame.ErrorCode?

    var isOver: Bool { hasEnded || reset != nil }

    /// Takes a field section, and holds it against RFC 9113 section 8.
    mutating func take(_ section: [HeaderDecoder.Field], ends: Bool) throws {
        guard status == nil else { throw Violation("a second header section") }
        guard section.filter({ $0.name.hasPrefix(":") }).count == 1, let first = section.first, first.name == ":status",
            let code = Int(first.value)
        else { throw Violation("pseudo-headers other than one leading :status: \(section)") }
        if code < 200 {
            guard !ends else { throw Violation("an interim response that ends its stream") }
            return interim.append(code)
        }
        for (name, value) in section.dropFirst() {
            guard name == name.lowercased(), !["connection", "transfer-encoding", "keep-alive", "upgrade"].contains(name) else {
                throw Violation("a field that HTTP/2 does not have: \(name)")
            }
            guard fields.updateValue(value, forKey: name) == nil else { throw Violation("\(name) twice") }
        }
        status = code
        hasEnded = ends
    }

    mutating func take(body bytes: [UInt8], ends: Bool) throws {
        guard status != nil else { throw Violation("DATA before a response") }
        body += String(decoding: bytes, as: UTF8.self)
        hasEnded = ends
    }
}

/// The flow-control windows that a client has given (RFC 9113 section 5.2). A server must leave none of them below zero.
struct GivenWindows {
    private var connection = 65_535
    private var initial = 65_535
    private var unacknowledged: [Int?] = []
    private var streams: [UInt32: Int] = [:]

    mutating func sent(_ frame: Frame) {
        switch frame.kind {
        case .settings where !frame.flags.contains(.ack):
            let values = stride(from: 0, to: frame.payload.count / 6 * 6, by: 6).compactMap { start -> Int? in
                guard UInt16(bigEndianBytes: frame.payload[start..<(start + 2)]) == 4 else { return nil }
                return Int(bigEndianBytes: frame.payload[(start + 2)..<(start + 6)])
            }
            unacknowledged.append(values.last)
            // A larger window may be used at once; a smaller one must be kept to from its acknowledgement on.
            if let value = values.last, value > initial { change(initialTo: value) }
        case .windowUpdate where frame.payload.count == 4:
            let increment = Int(bigEndianBytes: frame.payload)
            if frame.streamID == 0 { connection += increment } else { streams[frame.streamID, default: initial] += increment }
        case .headers:
            streams[frame.streamID, default: initial] += 0
        default:
            break
        }
    }

    mutating func settingsAcknowledged() throws {
        guard !unacknowledged.isEmpty else { throw Violation("an acknowledgement of SETTINGS that were not sent") }
        if let value = unacknowledged.removeFirst(), value < initial { change(initialTo: value) }
    }

    mutating func received(_ count: Int, on streamID: UInt32) throws {
        connection -= count
        streams[streamID, default: initial] -= count
        guard count == 0 || (connection >= 0 && streams[streamID, default: 0] >= 0) else {
            throw Violation("DATA of \(count) bytes beyond the windows \(connection) and \(streams[streamID, default: 0])")
        }
    }

    private mutating func change(initialTo value: Int) {
        for id in streams.keys { streams[id, default: 0] += value - initial }
        initial = value
    }
}
