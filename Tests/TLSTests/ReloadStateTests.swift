import Testing

@testable import TLS

@Suite("what to do at each look at the files")
struct ReloadStateTests {
    private let served: SHA256Digest
    private let other: SHA256Digest
    private var state: ReloadState

    private let broken = CertificateError(.keyMismatch, "broken")
    private let future = CertificateError(.notYetValid, "of the future")
    private let missing = CertificateError(.missingFile, "missing")

    init() throws {
        served = try #require(SHA256Digest(of: [1]))
        other = try #require(SHA256Digest(of: [2]))
        state = ReloadState(served: served)
    }

    @Test("nothing, while the contents are those in service")
    func unchanged() {
        var state = state
        #expect(state.look(.contents(served)) == .nothing)
    }

    @Test("new contents are loaded, once")
    func change() {
        var state = state
        #expect(state.look(.contents(other)) == .load)
        state.loaded(other)
        #expect(state.look(.contents(other)) == .nothing)
        #expect(state.look(.contents(served)) == .load)
    }

    @Test("contents that cannot be served are told at the second look, and not again")
    func fault() {
        var state = state
        #expect(state.look(.contents(other)) == .load)
        state.failed(other, broken)
        #expect(state.look(.contents(other)) == .report(broken))
        #expect(state.look(.contents(other)) == .nothing)
        #expect(state.look(.contents(other)) == .nothing)
    }

    @Test("contents that were broken at one look only are no fault")
    func passing() throws {
        var state = state
        let half = try #require(SHA256Digest(of: [3]))
        #expect(state.look(.contents(half)) == .load)
        state.failed(half, broken)
        #expect(state.look(.contents(other)) == .load)
        state.loaded(other)
        #expect(state.look(.contents(other)) == .nothing)
    }

    @Test("files that are missing or unreadable are told in the same way")
    func unreadable() {
        var state = state
        #expect(state.look(.unreadable(missing)) == .nothing)
        #expect(state.look(.unreadable(missing)) == .report(missing))
        #expect(state.look(.unreadable(missing)) == .nothing)
        #expect(state.look(.contents(served)) == .nothing)
        #expect(state.look(.unreadable(missing)) == .nothing, "gone again: a fault of its own")
        #expect(state.look(.unreadable(missing)) == .report(missing))
    }

    @Test("a certificate of the future is tried at each look, and told once")
    func notYetValid() {
        var state = state
        #expect(state.look(.contents(other)) == .load)
        state.failed(other, future)
        #expect(state.look(.contents(other)) == .report(future))
        #expect(state.look(.contents(other)) == .load)
        state.failed(other, future)
        #expect(state.look(.contents(other)) == .load)
        state.loaded(other)
        #expect(state.look(.contents(other)) == .nothing)
    }
}
