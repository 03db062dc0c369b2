import Testing

@testable import Worker

@Suite("how many databases Azure is asked about at once")
struct AzureLaneTests {
    @Test("at most half of those that are worked on, and at least one", arguments: [(1, 1), (2, 1), (4, 2), (9, 4)])
    func width(concurrency: Int, width: Int) {
        let lane = AzureLane(concurrency: concurrency)
        for _ in 0..<width { #expect(lane.enter()) }
        #expect(!lane.enter())
        lane.leave()
        #expect(lane.enter())
        #expect(!lane.enter())
    }
}
