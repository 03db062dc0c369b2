import JSON
import NIOCore
import Synchronization
import Testing

/// A memory of some bytes.
private final class Budget: Sendable {
    private let limit: Int
    private let taken = Atomic(0)
    private let highest = Atomic(0)

    init(_ limit: Int) {
        self.limit = limit
    }

    var inUse: Int { taken.load(ordering: .relaxed) }
    var peak: Int { highest.load(ordering: .relaxed) }

    func with<Result>(_ body: () -> Result) -> Result {
        JSONMemory.withCurrent(
            JSONMemory(
                take: { [self] count in
                    guard inUse + count <= limit else { return false }
                    taken.add(count, ordering: .relaxed)
                    highest.max(inUse, ordering: .relaxed)
                    return true
                },
                release: { [self] in taken.subtract($0, ordering: .relaxed) }), body)
    }
}

@Suite("Memory for reading")
struct JSONMemoryTests {
    private static let zeros = ByteBuffer(string: "[0" + String(repeating: ",0", count: 200_000) + "]")

    private func fault(_ body: () throws -> Void) -> JSONParseError.Reason? {
        do {
            try body()
            return nil
        } catch {
            return (error as? JSONParseError)?.reason
        }
    }

    @Test("a text whose index does not fit is refused before there is one, and what was taken for it is given back")
    func refused() {
        let budget = Budget(4 << 20)
        let reason = budget.with { fault { _ = try JSONDocument(parsing: Self.zeros) } }
        #expect(reason == .noRoom)
        #expect(budget.inUse == 0 && budget.peak > 0)
    }

    @Test("an index takes at least twice the memory of its nodes for as long as its document lives")
    func held() throws {
        let budget = Budget(1 << 30)
        var document = budget.with { try? JSONDocument(parsing: Self.zeros) }
        #expect(document?.root.elements.count == 200_001)
        #expect(budget.inUse >= 2 * 16 * 200_001)
        document = nil
        #expect(budget.inUse == 0)
    }

    @Test("a text that is no JSON gives back what was taken for it")
    func malformed() {
        let budget = Budget(1 << 30)
        let reason = budget.with { fault { _ = try JSONDocument(parsing: "[0,1") } }
        #expect(reason == .unexpectedEnd)
        #expect(budget.inUse == 0 && budget.peak > 0)
    }

    @Test("an outline takes little, and what is expanded of it takes more")
    func outline() throws {
        let budget = Budget(8 << 20)
        let text = ByteBuffer(string: "[\(String(repeating: "{\"a\":1},", count: 100_000))\(String(buffer: Self.zeros))]")
        budget.with {
            let document = try? JSONDocument(outlining: text, depth: 1)
            let elements = document?.root.elements ?? []
            #expect(elements.count == 100_001)
            let before = budget.inUse
            for element in elements.prefix(1000) { #expect((try? element.expanded())?["a"]?.integer == 1) }
            #expect(budget.inUse == before)
            let reason = fault { _ = try elements.last?.expanded() }
            #expect(reason == .noRoom)
        }
        #expect(budget.inUse == 0)
    }

    @Test("without a limit nothing is counted")
    func unlimited() throws {
        #expect(JSONMemory.current == nil)
        #expect(try JSONDocument(parsing: Self.zeros).root.elements.count == 200_001)
    }
}
