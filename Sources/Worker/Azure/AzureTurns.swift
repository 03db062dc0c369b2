import KubernetesClient

/// Which database Azure is asked about next, when there are more of them than may be asked about at once.
///
/// An endpoint that answers late must not keep those behind other endpoints waiting, nor one namespace the others. So whoever shares namespace and
/// endpoint with the fewest of those that are asked about comes next, and among equals who has waited the longest.
struct AzureTurns: Sendable {
    /// With whom a database shares what is slow.
    struct Group: Sendable, Hashable {
        let namespace: String
        /// Of the resource manager; empty where the spec names none.
        let endpoint: String
    }

    private struct Ticket {
        let database: ObjectKey
        let group: Group
        let since: ContinuousClock.Instant
        var seen: ContinuousClock.Instant
    }

    /// Who has not asked for as long has other things to do. Everyone who waits asks about once a second.
    private static let patience = Duration.seconds(15)

    private let width: Int
    private var inside: [ObjectKey: Group] = [:]
    /// In the order in which they came.
    private var waiting: [Ticket] = []

    /// - Parameter width: How many may be asked about at once.
    init(width: Int) {
        self.width = width
    }

    /// Asks for a turn. Whoever gets one ends it with ``leave(_:at:)``.
    ///
    /// - Returns: Nil when it is this database's turn; else for how long it has waited.
    mutating func enter(_ database: ObjectKey, _ group: Group, at now: ContinuousClock.Instant) -> Duration? {
        waiting.removeAll { now - $0.seen > Self.patience }
        if let index = waiting.firstIndex(where: { $0.database == database && $0.group == group }) {
            waiting[index].seen = now
        } else {
            waiting.removeAll { $0.database == database }
            waiting.append(Ticket(database: database, group: group, since: now, seen: now))
        }
        if let next, next.database == database {
            waiting.removeAll { $0.database == database }
            inside[database] = group
            return nil
        }
        return waiting.first { $0.database == database }.map { now - $0.since }
    }

    /// - Returns: Whose turn it is now.
    mutating func leave(_ database: ObjectKey) -> ObjectKey? {
        inside[database] = nil
        return next?.database
    }

    /// The database is gone.
    mutating func forget(_ database: ObjectKey) {
        waiting.removeAll { $0.database == database }
    }

    private var next: Ticket? {
        guard inside.count < width else { return nil }
        func neighbours(_ ticket: Ticket) -> Int {
            inside.values.reduce(0) { count, other in
                count + (other.namespace == ticket.group.namespace ? 1 : 0) + (other.endpoint == ticket.group.endpoint ? 1 : 0)
            }
        }
        // The first of the least.
        return waiting.min { neighbours($0) < neighbours($1) }
    }
}
