import TestSupport
import Testing

/// What happens to databases whose pods really run: their processes and volumes fail, and rows have to outlive it.
@Suite(
    .controlPlaneAvailable, .controllersAvailable, .mariaDBAvailable, .nodeAvailable, .clusterOnNode, .namespacesRemoved,
    .timeLimit(.minutes(10)))
enum NodeTests {
    /// Expects what is right of a fault that is known: today it is wrong, and once it is mended the test says so.
    ///
    /// - Parameters:
    ///   - fault: Its name in the list of faults, and what is right.
    ///   - limit: How long either may take. When neither shows in that time, the test fails: it does not see what it is about.
    ///   - isRight: Whether what is right has come.
    ///   - isWrong: Whether it is plain that it does not come.
    static func expectOfKnownFault(
        _ fault: String, within limit: Duration = .seconds(40), isRight: () async throws -> Bool, isWrong: () async throws -> Bool
    ) async throws {
        var hasCome = false
        try await poll("\(fault), or it is plain that this does not come", for: limit, every: .milliseconds(300)) {
            hasCome = try await isRight()
            if hasCome { return true }
            return try await isWrong()
        }
        withKnownIssue("\(fault)") { #expect(hasCome, "\(fault)") }
    }
}

/// Makes one database for all tests of a suite, so that they need not wait for one each. Every test leaves it as it was: ready.
struct SharedDatabaseTrait: SuiteTrait, TestScoping {
    @TaskLocal fileprivate static var database: Database?

    let spec: String

    func provideScope(for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void) async throws {
        let database = try await Database.create(spec)
        let namespace = database.namespace
        try await withCleanup({ await NamespaceCleanupTrait.remove([namespace]) }) {
            try await CreatedNamespaces.$lasting.withValue([namespace]) {
                try await database.isReady()
                try await Self.$database.withValue(database) { try await function() }
            }
        }
    }
}

extension Trait where Self == SharedDatabaseTrait {
    /// - Parameter spec: Members of the spec.
    static func sharedDatabase(_ spec: String) -> Self { Self(spec: spec) }
}

extension Database {
    /// The one of the suite.
    static var shared: Database { get throws { try #require(SharedDatabaseTrait.database) } }
}
