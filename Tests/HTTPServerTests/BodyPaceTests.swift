import NIOCore
import Testing

@testable import HTTPServer

@Suite("The pace of a body")
struct BodyPaceTests {
    private func pace(rate: Int, timeout: Duration = .seconds(30)) -> BodyPace {
        var limits = HTTPServerLimits()
        limits.minimumBodyRate = rate
        limits.bodyTimeout = timeout
        return BodyPace(limits)
    }

    @Test(
        "a body may take the grace period and the time of its bytes at the least rate, up to the body timeout",
        arguments: [(0, 5.0), (512, 5.5), (1024, 6), (10_240, 15), (25_600, 30), (25_601, 30), (.max, 30)])
    func patience(received: Int, seconds: Double) {
        #expect(pace(rate: 1024).patience(received: received) == .seconds(seconds))
        let start = NIODeadline.uptimeNanoseconds(7)
        #expect(pace(rate: 1024).deadline(start: start, received: received) == start + TimeAmount(.seconds(seconds)))
    }

    @Test("a body timeout below the grace period counts as it is")
    func shortTimeout() {
        #expect(pace(rate: 1024, timeout: .seconds(2)).patience(received: 0) == .seconds(2))
    }

    @Test("a least rate of 0 asks for nothing but the body timeout", arguments: [0, -1])
    func noRate(rate: Int) {
        #expect(pace(rate: rate).patience(received: 0) == .seconds(30))
    }
}
