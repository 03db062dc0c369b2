import KubernetesClient
import Testing

@testable import Worker

@Suite("when the events about what a database waits for are read")
struct EventReaderTests {
    private static let orders = ObjectKey(namespace: "shop", name: "orders")
    private static let ledger = ObjectKey(namespace: "shop", name: "ledger")
    private let start = ContinuousClock.now

    @Test("not in the first ten seconds, which begin anew with another object, and then every fifteen")
    func times() {
        var state = EventReader.State()
        func due(_ uid: String, after seconds: Double) -> Bool { state.visit(Self.orders, uid, at: start + .seconds(seconds)).isDue }
        #expect([0, 9.9, 10, 11, 24.9, 25].map { due("a", after: $0) } == [false, false, true, false, false, true])
        #expect([26, 35.9, 36].map { due("b", after: $0) } == [false, false, true])
    }

    @Test("those of one database after those of another, at most ten in a second")
    func spacing() {
        var state = EventReader.State()
        for database in [Self.orders, Self.ledger] { #expect(!state.visit(database, "a", at: start).isDue) }
        #expect(state.visit(Self.orders, "a", at: start + .seconds(10)).isDue)
        #expect(!state.visit(Self.ledger, "a", at: start + .milliseconds(10_099)).isDue)
        #expect(state.visit(Self.ledger, "a", at: start + .milliseconds(10_100)).isDue)
    }
}
