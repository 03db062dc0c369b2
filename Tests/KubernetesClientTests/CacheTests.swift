import HTTPCalls
import Logging
import NIOConcurrencyHelpers
import TestSupport
import Testing

@testable import KubernetesClient

@Suite("a cache and its watch", .timeLimit(.minutes(1)))
struct CacheTests {
    /// One change of the objects of ``History``.
    private struct Change: Sendable {
        let version: Int
        let type: String
        let name: String

        var text: String { eventText(type, objectText(name, version: version, extra: #","data":{"text":"zwölf"}"#)) }
    }

    /// What happened on the server: version 10 is the list, the rest is watched.
    private static let listed = [objectText("a", version: 4), objectText("b", version: 7)]
    private static let changes = [
        Change(version: 11, type: "ADDED", name: "c"), Change(version: 12, type: "MODIFIED", name: "a"),
        Change(version: 13, type: "DELETED", name: "b"), Change(version: 14, type: "ADDED", name: "d")
    ]
    private static let end = ["shop/a": "12", "shop/c": "11", "shop/d": "14"]

    private static var quick: ObjectCache.Schedule {
        var schedule = ObjectCache.Schedule()
        schedule.firstPause = .milliseconds(1)
        schedule.longestPause = .milliseconds(2)
        return schedule
    }

    /// What somebody knows who follows the changes alone.
    private final class Follower: Sendable {
        private let box = NIOLockedValueBox<(known: [String: String], faults: [String])>(([:], []))

        var known: [String: String] { box.withLockedValue { $0.known } }
        var faults: [String] { box.withLockedValue { $0.faults } }

        func take(_ change: ObjectChange) {
            box.withLockedValue { box in
                let key = change.object.key.description
                switch change {
                case .added(let object):
                    if box.known.updateValue(object.resourceVersion, forKey: key) != nil { box.faults.append("\(key) added twice") }
                case .updated(let old, let new):
                    if box.known.updateValue(new.resourceVersion, forKey: key) != old.resourceVersion {
                        box.faults.append("\(key) unexpected")
                    }
                case .deleted:
                    if box.known.removeValue(forKey: key) == nil { box.faults.append("\(key) deleted twice") }
                }
            }
        }
    }

    private static func following(
        _ server: ScriptedServer, schedule: ObjectCache.Schedule = quick, _ body: (ObjectCache, Follower) async throws -> Void
    ) async throws {
        try await withClient(try .plain(server), policy: RetryPolicy(attempts: 1, transportAttempts: 1)) { client in
            let follower = Follower()
            let cache = ObjectCache(configMaps, client: client, schedule: schedule, logger: quiet) { follower.take($0) }
            try await running({ await cache.run() }) { try await body(cache, follower) }
            #expect(follower.faults.isEmpty, "\(follower.faults)")
        }
    }

    private static func versions(_ cache: ObjectCache) -> [String: String] {
        Dictionary(uniqueKeysWithValues: cache.objects.map { ($0.key.description, $0.resourceVersion) })
    }

    /// The events after a version.
    private static func events(after version: Int) -> String { changes.filter { $0.version > version }.map(\.text).joined() }

    @Test("a watch that is cut after any of its bytes goes on without a loss and without telling anything twice")
    func cutAnywhere() async throws {
        let whole = Array(Self.events(after: 10).utf8)
        // Each connection is cut one byte later than the one before that made no progress, so that every byte is the last one once.
        let cuts = NIOLockedValueBox<[Int: Int]>([:])
        let answers: ScriptedServer.Handler = { request in
            guard request.parameter("watch") != nil else { return [.list(Self.listed, version: 10)] }
            let version = Int(request.parameter("resourceVersion") ?? "") ?? 0
            let rest = Array(Self.events(after: version).utf8)
            guard !rest.isEmpty else { return [.streamHead, .hang] }
            let cut = cuts.withLockedValue { cuts in
                cuts[version, default: -1] += 1
                return min(cuts[version, default: 0], rest.count)
            }
            // A character may be cut too: the bytes are sent as they are.
            return [.streamHead, .bytes(Array(rest[..<cut])), .close]
        }
        try await ScriptedServer.with(answers) { server in
            try await Self.following(server) { cache, follower in
                try await poll("everything is known", for: .seconds(40)) { Self.versions(cache) == Self.end }
                #expect(follower.known == Self.end)
                #expect(server.requests.filter { $0.parameter("watch") == nil }.count == 1)
                #expect(server.requests.count > whole.count)
            }
        }
    }

    @Test("it has synced after the first list, and not before")
    func syncing() async throws {
        let mayAnswer = Promise<Void>()
        let answers: ScriptedServer.Handler = { request in
            guard request.parameter("watch") == nil else { return [.streamHead, .hang] }
            try? await mayAnswer.wait()
            return [.list(Self.listed, version: 10)]
        }
        try await ScriptedServer.with(answers) { server in
            try await Self.following(server) { cache, _ in
                try await poll("it lists") { !server.requests.isEmpty }
                #expect(!cache.hasSynced)
                mayAnswer.fulfil(())
                try await cache.waitUntilSynced()
                #expect(cache.hasSynced && cache.count == 2)
                #expect(cache[ObjectKey(namespace: "shop", name: "a")]?.resourceVersion == "4")
                #expect(cache[ObjectKey(namespace: "other", name: "a")] == nil)
            }
        }
    }

    @Test("what expired is listed anew, and what was missed is told", arguments: [true, false])
    func expired(inStream: Bool) async throws {
        let lists = NIOLockedValueBox(0)
        let answers: ScriptedServer.Handler = { request in
            guard request.parameter("watch") != nil else {
                let isFirst = lists.withLockedValue { lists in
                    lists += 1
                    return lists == 1
                }
                return [
                    isFirst
                        ? .list(Self.listed, version: 10) : .list([objectText("a", version: 12), objectText("c", version: 11)], version: 14)
                ]
            }
            guard request.parameter("resourceVersion") == "10" else { return [.streamHead, .hang] }
            return inStream ? [.streamHead, .send(eventText("ERROR", statusText(410, "Expired"))), .hang] : [.failure(410, "Expired")]
        }
        try await ScriptedServer.with(answers) { server in
            try await Self.following(server) { cache, follower in
                try await poll("the second list is known") { Self.versions(cache) == ["shop/a": "12", "shop/c": "11"] }
                try await poll("it is told") { follower.known == Self.versions(cache) }
            }
        }
    }

    @Test("a bookmark is where a watch goes on")
    func bookmarks() async throws {
        let answers: ScriptedServer.Handler = { request in
            guard request.parameter("watch") != nil else { return [.list(Self.listed, version: 10)] }
            #expect(request.parameter("allowWatchBookmarks") == "true")
            if request.parameter("resourceVersion") == "10" {
                return [.streamHead, .send(eventText("BOOKMARK", #"{"metadata":{"resourceVersion":"77"}}"#)), .close]
            }
            return [.streamHead, .hang]
        }
        try await ScriptedServer.with(answers) { server in
            try await Self.following(server) { cache, _ in
                try await poll("it goes on") { server.requests.last?.parameter("resourceVersion") == "77" }
            }
        }
    }

    @Test("a watch whose other side hangs is found out and begun again")
    func halfOpen() async throws {
        var schedule = Self.quick
        schedule.watchDuration = .seconds(1)
        schedule.watchGrace = .milliseconds(100)
        let hasty = schedule
        let answers: ScriptedServer.Handler = { request in
            request.parameter("watch") == nil ? [.list(Self.listed, version: 10)] : [.streamHead, .hang]
        }
        try await ScriptedServer.with(answers) { server in
            let start = ContinuousClock.now
            try await Self.following(server, schedule: hasty) { _, _ in
                try await poll("it watches again") { server.requests.filter { $0.parameter("watch") != nil }.count == 2 }
            }
            #expect(ContinuousClock.now - start >= .seconds(1))
        }
    }

    @Test(
        "failures of every kind are survived",
        arguments: [
            [.failure(500, "InternalError")], [.failure(429, "TooManyRequests")], [.close], [.answer(200, "nonsense")],
            [.answer(200, #"{"type":"ADDED","object":{}}"# + "\n")], [.answer(200, "")]
        ] as [[ScriptedServer.Step]])
    func failures(script: [ScriptedServer.Step]) async throws {
        let answers: ScriptedServer.Handler = { request in
            // Each third request is answered well.
            guard request.number % 3 == 0 else { return script }
            guard request.parameter("watch") != nil else { return [.list(Self.listed, version: 10)] }
            let version = Int(request.parameter("resourceVersion") ?? "") ?? 0
            return [.streamHead, .send(Self.events(after: version)), .hang]
        }
        try await ScriptedServer.with(answers) { server in
            try await Self.following(server) { cache, _ in
                try await poll("everything is known") { Self.versions(cache) == Self.end }
            }
        }
    }

    @Test("an API server that ends every watch at once is not asked without pause")
    func noHotLoop() async throws {
        var schedule = ObjectCache.Schedule()
        schedule.firstPause = .milliseconds(100)
        let patient = schedule
        let answers: ScriptedServer.Handler = { request in
            request.parameter("watch") == nil ? [.list(Self.listed, version: 10)] : [.streamHead, .close]
        }
        try await ScriptedServer.with(answers) { server in
            try await Self.following(server, schedule: patient) { cache, _ in
                try await cache.waitUntilSynced()
                try await Task.sleep(for: .milliseconds(500))
                #expect(server.requests.count < 10)
            }
        }
    }
}
