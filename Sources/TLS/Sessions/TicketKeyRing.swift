/// The keys of session tickets by age.
struct TicketKeyRing {
    /// How long new tickets are sealed with one key.
    let rotation: Duration
    /// How long a ticket is good for.
    let lifetime: Duration

    private struct Entry {
        let key: TicketKey
        let made: ContinuousClock.Instant
    }

    /// Newest first.
    private var entries: [Entry]

    init(rotation: Duration, lifetime: Duration, key: TicketKey, now: ContinuousClock.Instant) {
        self.rotation = rotation
        self.lifetime = lifetime
        entries = [Entry(key: key, made: now)]
    }

    /// The key for new tickets, nil when it is time for another one.
    func current(at now: ContinuousClock.Instant) -> TicketKey? {
        entries.first.flatMap { now < $0.made + rotation ? $0.key : nil }
    }

    /// Puts a new key in front, and forgets those no ticket of which can still be good.
    mutating func rotate(to key: TicketKey, now: ContinuousClock.Instant) {
        entries = [Entry(key: key, made: now)] + entries.filter { isAccepted($0, at: now) }
    }

    /// The key that sealed a ticket, nil when it is not ours or forgotten.
    func key(named name: UnsafePointer<UInt8>, at now: ContinuousClock.Instant) -> TicketKey? {
        entries.first { $0.key.isNamed(name) && isAccepted($0, at: now) }?.key
    }

    private func isAccepted(_ entry: Entry, at now: ContinuousClock.Instant) -> Bool {
        now < entry.made + rotation + lifetime
    }
}
