import JSON
import KubernetesClient
import Logging
import NIOConcurrencyHelpers

/// Reads the events about what databases wait for, now and then.
///
/// Events are many, in other people's words, and kept for an hour. So they are not watched; they are read for a database that has waited for a while.
final class EventReader: Sendable {
    /// How long something is waited for before its events are read: most of what is wrong at first passes by itself.
    static let grace = Duration.seconds(10)
    /// From one reading to the next.
    static let interval = Duration.seconds(15)
    private static let limit = Duration.seconds(10)
    /// From one reading to that of another database's: API servers have no cache of events, and after an outage all databases wait.
    static let spacing = Duration.milliseconds(100)

    fileprivate struct Wait {
        let uid: String
        let began: ContinuousClock.Instant
        var wasRead: ContinuousClock.Instant?
        var events: [ClusterEvent] = []
    }

    /// What is waited for. No I/O, and no clock: the time is passed in.
    struct State: Sendable {
        fileprivate var waits: [ObjectKey: Wait] = [:]
        private var lastReading: ContinuousClock.Instant?

        /// Notes that an object is waited for.
        ///
        /// - Returns: What is known of it, and whether it is to be read now.
        mutating func visit(
            _ database: ObjectKey, _ uid: String, at now: ContinuousClock.Instant
        ) -> (known: [ClusterEvent], isDue: Bool) {
            var wait = waits[database].flatMap { $0.uid == uid ? $0 : nil } ?? Wait(uid: uid, began: now)
            let isDue =
                now - wait.began >= EventReader.grace && wait.wasRead.map { now - $0 >= EventReader.interval } ?? true
                && lastReading.map { now - $0 >= EventReader.spacing } ?? true
            if isDue { (wait.wasRead, lastReading) = (now, now) }
            waits[database] = wait
            return (wait.events, isDue)
        }
    }

    private let client: KubernetesClient
    private let logger: Logger
    private let state = NIOLockedValueBox(State())

    init(client: KubernetesClient, logger: Logger) {
        self.client = client
        self.logger = logger
    }

    /// The events about an object; none in the first moments that it is asked for.
    ///
    /// - Parameter database: That waits for it.
    func events(about uid: String, for database: ObjectKey) async -> [ClusterEvent] {
        let (known, isDue) = state.withLockedValue { $0.visit(database, uid, at: .now) }
        guard isDue else { return known }
        do throws(KubernetesError) {
            let selection = ObjectSelection(namespace: database.namespace, fieldSelector: "involvedObject.uid=\(uid)")
            let items = try await client.list(.coreEvents, selection, within: Self.limit).items
            let events = items.compactMap { try? $0.json() }.map(ClusterEvent.init)
            state.withLockedValue { if $0.waits[database]?.uid == uid { $0.waits[database]?.events = events } }
            return events
        } catch {
            // They say why, no more: without them a database is looked after all the same.
            logger.debug("events cannot be read", metadata: ["object": "\(database)", "error": "\(error)"])
            return known
        }
    }

    func forget(_ database: ObjectKey) {
        state.withLockedValue { $0.waits[database] = nil }
    }
}
