import Testing

@testable import HTTPServer

@Suite("When memory goes back to the system")
struct MemoryTrimTests {
    private typealias Load = MemoryTrim.Load

    private static let nothing = Load(connections: 0, bodies: 0)
    private static let one = Load(connections: 1, bodies: 0)

    /// What follows from a look each second, with the most there was in that second and what is left at its end.
    private static func verdicts(_ seconds: [(highest: Load, current: Load)]) -> [Bool] {
        var trim = MemoryTrim()
        return seconds.map { trim.isDue(highest: $0.highest, current: $0.current) }
    }

    @Test(
        "once when a wave of connections or bodies is over, and not again before the next one",
        arguments: [(1000, 0), (1, 64 << 20)])
    func waves(connections: Int, bodies: Int) {
        let wave = Load(connections: connections, bodies: bodies)
        let seconds = [(wave, wave), (wave, Self.one), (Self.one, Self.one)]
        #expect(Self.verdicts(seconds + seconds) == [false, true, false, false, true, false])
    }

    @Test("a wave that came and went between two looks counts")
    func unseen() {
        #expect(Self.verdicts([(Load(connections: 2, bodies: 30 << 20), Self.nothing)]) == [true])
    }

    @Test("once when nobody has been connected for a while, after the start too")
    func idle() {
        let none = (Self.nothing, Self.nothing)
        let visit = (Self.one, Self.nothing)
        #expect(Self.verdicts([none, none, visit, none, none]) == [true, false, false, true, false])
        #expect(Self.verdicts([visit, none]) == [false, true])
    }

    @Test("never for steady load or small waves")
    func steady() {
        let steady = (Load(connections: 500, bodies: 90 << 20), Load(connections: 400, bodies: 60 << 20))
        let small = (Load(connections: 60, bodies: 4 << 20), Self.one)
        for second in [steady, small] {
            #expect(!Self.verdicts(Array(repeating: second, count: 10)).contains(true))
        }
    }
}
