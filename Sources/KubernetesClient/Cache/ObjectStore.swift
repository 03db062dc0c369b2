/// The objects of a selection, as far as they are known. A value without I/O.
struct ObjectStore: Sendable {
    private(set) var objects: [ObjectKey: KubernetesObject] = [:]

    /// Takes over a whole list.
    ///
    /// - Returns: What changed: first what is gone, then what came or is different.
    mutating func replace(with list: [KubernetesObject]) -> [ObjectChange] {
        var current: [ObjectKey: KubernetesObject] = [:]
        current.reserveCapacity(list.count)
        var changes: [ObjectChange] = []
        for object in list {
            current[object.key] = object
            changes += Self.changes(from: objects[object.key], to: object)
        }
        let gone = objects.values.filter { current[$0.key] == nil }
        objects = current
        return gone.map { .deleted($0) } + changes
    }

    /// Takes over what a watch tells.
    mutating func apply(_ event: WatchEvent) -> [ObjectChange] {
        switch event {
        case .added(let object), .modified(let object):
            let changes = Self.changes(from: objects[object.key], to: object)
            objects[object.key] = object
            return changes
        case .deleted(let object):
            // What is told is the object at its end, which is newer than what is known.
            return objects.removeValue(forKey: object.key) == nil ? [] : [.deleted(object)]
        case .bookmark, .failure:
            return []
        }
    }

    private static func changes(from old: KubernetesObject?, to new: KubernetesObject) -> [ObjectChange] {
        guard let old else { return [.added(new)] }
        // Another uid is another object: the deletion in between went unseen.
        guard old.uid == new.uid else { return [.deleted(old), .added(new)] }
        return old.resourceVersion == new.resourceVersion ? [] : [.updated(old: old, new: new)]
    }
}
