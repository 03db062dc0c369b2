/// Keys with the times at which they are due: each key once, with its earliest time.
struct DelayedKeys<Key: Hashable & Sendable>: Sendable {
    typealias Instant = ContinuousClock.Instant

    private struct Entry: Sendable {
        let key: Key
        let due: Instant
    }

    private var times: [Key: Instant] = [:]
    /// A binary heap, earliest first. An entry whose time is not the key's in `times` is out of date.
    private var heap: [Entry] = []

    /// When the first key is due.
    private(set) var first: Instant?

    mutating func add(_ key: Key, at due: Instant) {
        if let known = times[key], known <= due { return }
        times[key] = due
        heap.append(Entry(key: key, due: due))
        rise(heap.count - 1)
        settle()
    }

    /// Takes a key whose time has come.
    mutating func takeDue(at now: Instant) -> Key? {
        guard let top = heap.first, top.due <= now else { return nil }
        times[top.key] = nil
        removeTop()
        settle()
        return top.key
    }

    /// Removes what is out of date from the top.
    private mutating func settle() {
        while let top = heap.first, times[top.key] != top.due { removeTop() }
        first = heap.first?.due
    }

    private mutating func removeTop() {
        guard heap.count > 1 else { return heap.removeAll() }
        heap[0] = heap.removeLast()
        sink(0)
    }

    private mutating func rise(_ start: Int) {
        var place = start
        while place > 0 {
            let parent = (place - 1) / 2
            guard heap[place].due < heap[parent].due else { return }
            heap.swapAt(place, parent)
            place = parent
        }
    }

    private mutating func sink(_ start: Int) {
        var place = start
        while true {
            let left = 2 * place + 1
            guard left < heap.count else { return }
            let right = left + 1
            let child = right < heap.count && heap[right].due < heap[left].due ? right : left
            guard heap[child].due < heap[place].due else { return }
            heap.swapAt(place, child)
            place = child
        }
    }
}
