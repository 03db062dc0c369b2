import KubernetesAPI
import TestSupport
import Testing

@testable import KubernetesClient

@Suite("which events are written when")
struct EventSeriesTests {
    private let start = ContinuousClock.now
    private func at(_ seconds: Int) -> ContinuousClock.Instant { start + .seconds(seconds) }
    private func time(_ seconds: Int) -> Timestamp { Timestamp(seconds: Int64(1000 + seconds)) }

    private func occurrence(_ note: String = "grew", object: String = "orders") -> EventOccurrence {
        let regarding = ObjectReference(
            apiVersion: "v1", kind: "ConfigMap", key: ObjectKey(namespace: "shop", name: object), uid: "uid-\(object)")
        return EventOccurrence(regarding: regarding, type: .normal, reason: "Grew", action: "Growing", note: note)
    }

    private func record(_ series: inout EventSeries, _ occurrence: EventOccurrence, _ seconds: Int) -> Bool {
        series.record(occurrence, name: "name-\(seconds)", at: at(seconds), wallClock: time(seconds))
    }

    @Test("the first is written at once, repeats as one number now and then")
    func repeats() throws {
        var series = EventSeries()
        #expect(record(&series, occurrence(), 0))
        let first = try #require(series.next(at: at(0)))
        #expect(first == .create(occurrence(), name: "name-0", time: time(0)))
        series.finish(first, .written, newName: "-", at: at(0))
        #expect(series.next(at: at(0)) == nil && series.nextDue == nil)
        for second in 1...5 { #expect(record(&series, occurrence(), second)) }
        #expect(series.next(at: at(6)) == nil)
        #expect(series.nextDue == at(10))
        let patch = try #require(series.next(at: at(10)))
        #expect(patch == .patch(occurrence(), name: "name-0", count: 6, lastObserved: time(5)))
        // What comes while it is being written counts for the next one.
        #expect(record(&series, occurrence(), 10))
        series.finish(patch, .written, newName: "-", at: at(11))
        #expect(series.next(at: at(21)) == .patch(occurrence(), name: "name-0", count: 7, lastObserved: time(10)))
    }

    @Test("after a long silence it is a new event")
    func silence() throws {
        var series = EventSeries()
        #expect(record(&series, occurrence(), 0))
        series.finish(try #require(series.next(at: at(0))), .written, newName: "-", at: at(0))
        #expect(record(&series, occurrence(), 360))
        #expect(series.next(at: at(360)) == .create(occurrence(), name: "name-360", time: time(360)))
    }

    @Test("an event that is not there any more is written anew")
    func gone() throws {
        var series = EventSeries()
        #expect(record(&series, occurrence(), 0))
        series.finish(try #require(series.next(at: at(0))), .written, newName: "-", at: at(0))
        #expect(record(&series, occurrence(), 1))
        series.finish(try #require(series.next(at: at(10))), .gone, newName: "new", at: at(10))
        #expect(series.next(at: at(10)) == .create(occurrence(), name: "new", time: time(1)))
    }

    @Test("a write that fails is tried again some times, one that is refused is not")
    func failures() throws {
        var series = EventSeries()
        #expect(record(&series, occurrence(), 0))
        var now = 0
        for _ in 0..<5 {
            let write = try #require(series.next(at: at(now)))
            series.finish(write, .failed, newName: "-", at: at(now))
            now += 10
        }
        #expect(series.next(at: at(1000)) == nil)
        #expect(record(&series, occurrence("other"), now))
        series.finish(try #require(series.next(at: at(now))), .refused, newName: "-", at: at(now))
        #expect(series.next(at: at(1000)) == nil)
    }

    @Test("one object causes few new events, however many it has to tell, and does not keep others from telling")
    func rate() {
        var series = EventSeries()
        let accepted = (0..<100).filter { record(&series, occurrence("\($0)"), 0) }
        #expect(accepted.count == 25)
        #expect(record(&series, occurrence(object: "other"), 0))
        // One more each minute.
        #expect((0..<100).filter { record(&series, occurrence("later \($0)"), 120) }.count == 2)
    }

    @Test("what is remembered is limited, and what is silent makes room")
    func memory() throws {
        var limits = EventSeries.Limits()
        limits.remembered = 3
        var series = EventSeries(limits: limits)
        #expect((0..<5).map { record(&series, occurrence(object: "\($0)"), 0) } == [true, true, true, false, false])
        while let write = series.next(at: at(0)) { series.finish(write, .written, newName: "-", at: at(0)) }
        #expect(!record(&series, occurrence(object: "new"), 1))
        #expect(record(&series, occurrence(object: "new"), 400))
    }

    @Test("at the end all that is left is written at once")
    func end() throws {
        var series = EventSeries()
        #expect(record(&series, occurrence(), 0))
        series.finish(try #require(series.next(at: at(0))), .written, newName: "-", at: at(0))
        #expect(record(&series, occurrence(), 1))
        #expect(series.next(at: at(1)) == nil)
        #expect(series.next(at: at(1), isLast: true) != nil)
    }

    @Test("texts are cut to what the API accepts, between characters")
    func cutting() {
        let note = String(repeating: "ü", count: 600)
        let cut = EventOccurrence(
            regarding: occurrence().regarding, type: .warning, reason: String(repeating: "R", count: 200), action: "A", note: note)
        #expect(cut.note == String(repeating: "ü", count: 512))
        #expect(cut.reason.utf8.count == 128)
    }
}
