@testable import HTTPServer
import NIOCore
import Testing

@Suite("Following the frames of a client")
struct HTTP2FrameScannerTests {
    private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    private static func frame(_ kind: UInt8, _ flags: UInt8 = 0, payload: Int = 0) -> [UInt8] {
        [0, UInt8(payload >> 8), UInt8(payload & 0xFF), kind, flags, 0, 0, 0, 1] + Array(repeating: 0xFF, count: payload)
    }

    private static let stream =
        preface + frame(0x4, payload: 12) + frame(0x1, payload: 3) + frame(0x6, payload: 8) + frame(0x9, 0x4, payload: 300)
        + frame(0x0) + frame(0x0, 0x1, payload: 5)

    private static let headers = [
        HTTP2FrameHeader(payloadLength: 12, kind: .settings, flags: 0, streamID: 1),
        HTTP2FrameHeader(payloadLength: 3, kind: .headers, flags: 0, streamID: 1),
        HTTP2FrameHeader(payloadLength: 8, kind: .ping, flags: 0, streamID: 1, interruptsBlock: true),
        HTTP2FrameHeader(payloadLength: 300, kind: .continuation, flags: 0x4, streamID: 1),
        HTTP2FrameHeader(payloadLength: 0, kind: .data, flags: 0, streamID: 1),
        HTTP2FrameHeader(payloadLength: 5, kind: .data, flags: 0x1, streamID: 1)
    ]

    @Test("every frame is seen once, however the bytes are cut", arguments: [1, 2, 5, 9, 10, 25, 1000])
    func cuts(size: Int) {
        var scanner = HTTP2FrameScanner()
        var seen: [HTTP2FrameHeader] = []
        var starts: [Int] = []
        var rest = Self.stream[...]
        while !rest.isEmpty {
            scanner.scan(ByteBuffer(bytes: rest.prefix(size))) { frame, offset in
                seen.append(frame)
                starts.append(rest.startIndex + offset)
            }
            rest = rest.dropFirst(size)
        }
        // SETTINGS, the header block with all that interrupts it, and two frames of DATA.
        #expect(scanner.ended == 4)
        #expect(seen == Self.headers)
        #expect(starts == [24, 45, 57, 74, 383, 392])
        #expect(!scanner.awaitsRest)
    }

    @Test("the rest is awaited of a preface, of a frame and of a header block, but not of DATA")
    func rest() {
        var scanner = HTTP2FrameScanner()
        func scan(_ bytes: some Sequence<UInt8>) -> Bool {
            scanner.scan(ByteBuffer(bytes: bytes)) { _, _ in }
            return scanner.awaitsRest
        }
        #expect(scanner.awaitsRest, "nothing has come yet")
        #expect(scan(Self.preface.prefix(23)))
        #expect(scan(Self.preface.suffix(1)), "SETTINGS is a part of it")
        #expect(!scan(Self.frame(0x4)))
        #expect(scan([0]), "the first byte of a frame")
        #expect(!scan(Self.frame(0x6, payload: 8).dropFirst(1)))
        #expect(scan(Self.frame(0x1, payload: 4)), "a block without its end")
        #expect(scan(Self.frame(0x9, payload: 4)))
        #expect(!scan(Self.frame(0x9, 0x4, payload: 4)))
        #expect(!scan(Self.frame(0x0, payload: 4).dropLast(2)))
        #expect(!scan([0, 0]))
        #expect(scan(Self.frame(0x8, payload: 4).dropLast(1)))
    }
}

@Suite("Counting what costs the client little")
struct HTTP2FloodMeterTests {
    private static let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    private static func limits() -> HTTPServerLimits {
        var limits = HTTPServerLimits()
        limits.streamResetsPerSecond = 3
        limits.emptyFramesPerSecond = 3
        limits.pingsPerSecond = 3
        limits.settingsPerSecond = 3
        limits.controlFramesPerSecond = 3
        return limits
    }

    private static let nuisances: [(HTTP2FrameHeader, HTTPRefusal.Reason)] = [
        (HTTP2FrameHeader(payloadLength: 4, kind: .resetStream, flags: 0), .http2Resets),
        (HTTP2FrameHeader(payloadLength: 0, kind: .data, flags: 0), .http2EmptyFrames),
        (HTTP2FrameHeader(payloadLength: 0, kind: .continuation, flags: 0), .http2EmptyFrames),
        (HTTP2FrameHeader(payloadLength: 8, kind: .ping, flags: 0), .http2Pings),
        (HTTP2FrameHeader(payloadLength: 6, kind: .settings, flags: 0), .http2Settings),
        (HTTP2FrameHeader(payloadLength: 8, kind: .ping, flags: 1), .http2ControlFrames),
        (HTTP2FrameHeader(payloadLength: 0, kind: .settings, flags: 1), .http2ControlFrames),
        (HTTP2FrameHeader(payloadLength: 4, kind: .init(rawValue: 0x8), flags: 0), .http2ControlFrames),
        (HTTP2FrameHeader(payloadLength: 9, kind: .init(rawValue: 0xBE), flags: 0), .http2ControlFrames)
    ]

    @Test("one more than the limit within a second is too many", arguments: nuisances)
    func excess(frame: HTTP2FrameHeader, reason: HTTPRefusal.Reason) {
        var meter = HTTP2FloodMeter(limits: Self.limits())
        for _ in 1...3 { meter.count(frame, at: Self.start) }
        #expect(meter.excess == nil)
        meter.count(frame, at: Self.start + .milliseconds(999))
        #expect(meter.excess == reason)
    }

    @Test("a new second starts from nothing")
    func nextSecond() {
        var meter = HTTP2FloodMeter(limits: Self.limits())
        for second in 0..<10 {
            for (frame, _) in [Self.nuisances[0], Self.nuisances[1], Self.nuisances[3], Self.nuisances[4], Self.nuisances[7]] {
                for _ in 1...3 { meter.count(frame, at: Self.start + .seconds(Int64(second))) }
            }
        }
        #expect(meter.excess == nil)
    }

    @Test("parts of requests are not counted")
    func requests() {
        var meter = HTTP2FloodMeter(limits: Self.limits())
        for _ in 1...100 {
            meter.count(HTTP2FrameHeader(payloadLength: 40, kind: .headers, flags: 0x4), at: Self.start)
            meter.count(HTTP2FrameHeader(payloadLength: 1, kind: .data, flags: 0), at: Self.start)
            meter.count(HTTP2FrameHeader(payloadLength: 0, kind: .data, flags: 0x1), at: Self.start)
        }
        #expect(meter.excess == nil)
    }
}
