@testable import HTTPServer
import TestSupport
import Testing

@Suite("HTTP/2: what is remembered of streams")
struct HTTP2FrameCheckTests {
    private func header(_ frame: Frame) -> HTTP2FrameHeader {
        HTTP2FrameHeader(
            payloadLength: frame.payload.count, kind: .init(rawValue: frame.type), flags: frame.flags.rawValue,
            streamID: HTTP2StreamID(truncatingIfNeeded: frame.streamID))
    }

    @Test("a stream that stays open while hundreds come and go may go on, and so may one that ended long ago")
    func oldStreams() {
        var check = HTTP2FrameCheck()
        #expect(check.check(header(.headers(1, .post("/echo"), .endHeaders))) == nil)
        #expect(check.check(header(.headers(3, .get("/info")))) == nil)
        #expect(check.check(header(.data(3))) == .streamClosed)
        for number in 0..<1000 as Range<UInt32> {
            #expect(check.check(header(.headers(5 + 2 * number, .get("/info")))) == nil)
        }
        // Whether the server has reset it is not known any more.
        #expect(check.check(header(.data(3))) == nil)
        #expect(check.check(header(.data(1))) == nil)
        #expect(check.check(header(.headers(1, ["a": "b"]))) == nil)
        #expect(check.check(header(.data(2003))) == .streamClosed)
        #expect(check.check(header(.headers(1503, .get("/info")))) == .streamClosed)
    }
}
