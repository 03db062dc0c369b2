import DBMMOMySQLAPI
import JSON
import KubernetesAPI
import KubernetesClient
import Logging
import NIOCore

/// Carries out what a plan says of the cluster, call by call.
struct ObjectWriter: Sendable {
    enum Result: Sendable {
        case done
        case created
        /// Something that is not ours has the name.
        case nameTaken(Part)
        /// There is nothing of ours.
        case absent(Part)
        /// It was not done: what it was decided on is no longer so.
        case stale
        /// It was not done: the garbage collector has orphaned the object, which is to stay then.
        case orphaned
    }

    /// How long a write may take: well within the time between losing the leadership and another one's gaining it there is an answer, or none is
    /// waited for any more.
    private static let limit = Duration.seconds(10)

    let client: KubernetesClient
    let view: ClusterView
    let metrics: WorkerMetrics
    private(set) var logger: Logger

    /// One whose log names the database that it is about.
    func about(_ key: ObjectKey) -> ObjectWriter {
        var writer = self
        writer.logger[metadataKey: "object"] = "\(key)"
        return writer
    }

    func perform(_ action: Plan.Action, _ situation: Situation) async throws(KubernetesError) -> Result {
        let owner = situation.owner
        switch action {
        case .addFinalizer:
            try await patchFinalizers(situation, situation.finalizers + [Situation.finalizer])
        case .removeFinalizer:
            try await patchFinalizers(situation, situation.finalizers.filter { $0 != Situation.finalizer })
        case .create(let object): return try await create(object, owner)
        case .apply(let object): return try await apply(object, uid: situation.observed[object.part]?["metadata"]?["uid"]?.string ?? "")
        case .find(let object): return try await find(object, owner)
        case .tidy(let part, let changes, let resourceVersion), .moveOwnership(let part, let changes, let resourceVersion):
            // In a changed object other things may be too much, or somebody else's.
            let guardOperation: JSONTree = ["op": "add", "path": "/metadata/resourceVersion", "value": .string(resourceVersion)]
            try await patch(part.type, part.key(for: owner.key), .json(JSONTree.array([guardOperation] + changes).bytes))
        case .growClaim(let capacity):
            let change: JSONTree = ["spec": ["resources": ["requests": ["storage": .string(capacity)]]]]
            try await patch(.persistentVolumeClaims, Part.claim.key(for: owner.key), .merge(change.bytes))
        case .delete(let part, let uid, let orphaning):
            return try await delete(part, uid, orphaning: orphaning, situation)
        case .setProtection(let part, let change, let isProtected, let resourceVersion):
            // Without it a deletion that somebody asked for takes the data.
            if !isProtected, try await !isCurrent(situation) { return .stale }
            _ = try await patchMetadata(part, part.key(for: owner.key), change, resourceVersion)
        case .deletePod(let name, let uid):
            let statefulSet = try await get(.statefulSets, Part.statefulSet.key(for: owner.key))
            let isCurrent = situation.statefulSet == nil ? try await isCurrent(situation) : true
            guard LiveCheck(situation: situation).mayReplacePods(isCurrent: isCurrent, try? statefulSet?.json()) else { return .stale }
            _ = try await delete(.pods, ObjectKey(namespace: owner.key.namespace, name: name), DeleteOptions(uid: uid))
        case .deleteStray(let part): return try await deleteStray(part, situation)
        case .noteManaged(let names):
            let note: JSONTree = ["annotations": [ManagedNames.annotation: .string(names.text)]]
            try await patchMetadata(situation, note)
        // These are no calls of the API server; AzureDesk makes them.
        case .look, .azure: break
        }
        return .done
    }

    func patchStatus(_ key: ObjectKey, _ change: JSONTree) async throws(KubernetesError) {
        do throws(KubernetesError) {
            try await patch(.databases, key, subresource: "status", .merge(change.bytes))
        } catch {
            guard !error.isNotFound else { return }
            throw error
        }
    }

    // MARK: Calls

    /// Creates an object, and never takes one over: what has the name already is looked at first.
    private func create(_ object: DesiredObject, _ owner: Owner) async throws(KubernetesError) -> Result {
        let type = object.part.type
        do throws(KubernetesError) {
            metrics.countWrite(.create)
            note(try await client.create(type, namespace: object.key.namespace, object.created.bytes, within: Self.limit), type, "created")
            return .created
        } catch {
            guard error.isAlreadyExists else { throw error }
        }
        return try await find(object, owner)
    }

    /// Looks at what has the name of an object that the caches do not know.
    private func find(_ object: DesiredObject, _ owner: Owner) async throws(KubernetesError) -> Result {
        guard let existing = try await get(object.part.type, object.key) else { return .absent(object.part) }
        guard let json = try? existing.json(), owner.owns(json) else { return .nameTaken(object.part) }
        // Ours, without the label by which it would be known.
        return try await apply(object, uid: existing.uid)
    }

    /// - Parameter uid: Of the object that is there. Without it an apply would create one, with less than it needs, where somebody has just deleted it.
    private func apply(_ object: DesiredObject, uid: String) async throws(KubernetesError) -> Result {
        metrics.countWrite(.apply)
        let type = object.part.type
        var content = object.applied
        content.insert(.string(uid), at: ["metadata", "uid"])
        do throws(KubernetesError) {
            // What we made is ours as a whole, whoever has changed a field of it.
            let answer = try await client.apply(type, object.key, content.bytes, force: true, within: Self.limit)
            note(answer, type, "applied")
            return .done
        } catch {
            guard error.isConflict else { throw error }
            return .stale
        }
    }

    @discardableResult
    private func patch(
        _ type: ResourceType, _ key: ObjectKey, subresource: String? = nil, _ change: ObjectPatch
    ) async throws(KubernetesError) -> KubernetesObject {
        metrics.countWrite(subresource == nil ? .patch : .status)
        let answer = try await client.patch(type, key, subresource: subresource, change, within: Self.limit)
        note(answer, type, subresource == nil ? "patched" : "status patched")
        return answer
    }

    // MARK: Deleting

    func isCurrent(_ situation: Situation) async throws(KubernetesError) -> Bool {
        let live = try await get(.databases, situation.owner.key)
        return LiveCheck(situation: situation).isCurrent(live.map { ($0.uid, $0.resourceVersion) })
    }

    private func delete(
        _ part: Part, _ uid: String, orphaning: Bool, _ situation: Situation
    ) async throws(KubernetesError) -> Result {
        let key = part.key(for: situation.owner.key)
        if orphaning {
            return try await delete(part.type, key, DeleteOptions(uid: uid, propagation: .orphan)) ? .done : .stale
        }
        guard try await isCurrent(situation) else { return .stale }
        let live = try await get(part.type, key)
        switch LiveCheck(situation: situation).verdict(on: part, try? live?.json(), uid: uid) {
        case .gone: return .done
        case .stale: return .stale
        case .orphaned: return .orphaned
        case .proceed(let version):
            let options = DeleteOptions(uid: uid, resourceVersion: version, propagation: .background)
            return try await delete(part.type, key, options) ? .done : .stale
        }
    }

    /// No owner reference lets the garbage collector find one whose label somebody took away.
    private func deleteStray(_ part: Part, _ situation: Situation) async throws(KubernetesError) -> Result {
        let (owner, key) = (situation.owner, part.key(for: situation.owner.key))
        guard try await isCurrent(situation) else { return .stale }
        guard let object = try await get(part.type, key), let json = try? object.json(), owner.owns(json) else { return .absent(part) }
        var version = object.resourceVersion
        if let change = DataProtection.change(of: json, owner: owner, isProtected: false) {
            version = try await patchMetadata(part, key, change, version).resourceVersion
        }
        return try await delete(part.type, key, DeleteOptions(uid: object.uid, resourceVersion: version)) ? .absent(part) : .stale
    }

    /// An object as the API server has it now (a quorum read); nil when there is none.
    private func get(_ type: ResourceType, _ key: ObjectKey) async throws(KubernetesError) -> KubernetesObject? {
        do throws(KubernetesError) {
            return try await client.get(type, key, within: Self.limit)
        } catch {
            guard error.isNotFound else { throw error }
            return nil
        }
    }

    /// - Returns: Whether it is gone, or on its way; not when it has changed, or another one has its name.
    private func delete(_ type: ResourceType, _ key: ObjectKey, _ options: DeleteOptions) async throws(KubernetesError) -> Bool {
        do throws(KubernetesError) {
            metrics.countWrite(.delete)
            try await client.delete(type, key, options, within: Self.limit)
            logger.info("deleted", metadata: ["kubernetes.resource": "\(type)", "kubernetes.object": "\(key)"])
        } catch {
            if error.isConflict { return false }
            guard error.isNotFound else { throw error }
        }
        return true
    }

    /// - Returns: The object as it is then.
    private func patchMetadata(
        _ part: Part, _ key: ObjectKey, _ change: JSONTree, _ resourceVersion: String
    ) async throws(KubernetesError) -> KubernetesObject {
        var metadata: JSONTree = ["resourceVersion": .string(resourceVersion)]
        metadata.merge(change)
        let change: JSONTree = ["metadata": metadata]
        return try await patch(part.type, key, .merge(change.bytes))
    }

    // MARK: The DBMMOMySQL

    /// A list cannot be merged, so this holds for the object as it was looked at only.
    private func patchFinalizers(_ situation: Situation, _ finalizers: [String]) async throws(KubernetesError) {
        try await patchMetadata(situation, ["finalizers": .array(finalizers.map { .string($0) })])
    }

    private func patchMetadata(_ situation: Situation, _ change: JSONTree) async throws(KubernetesError) {
        var metadata: JSONTree = ["resourceVersion": situation.metadata?["resourceVersion"].map { .verbatim($0) }]
        metadata.merge(change)
        let change: JSONTree = ["metadata": metadata]
        do throws(KubernetesError) {
            try await patch(.databases, situation.owner.key, .merge(change.bytes))
        } catch {
            guard !error.isNotFound else { return }
            throw error
        }
    }

    private func note(_ object: KubernetesObject, _ type: ResourceType, _ what: Logger.Message) {
        view.wrote(type, object)
        logger.info(what, metadata: ["kubernetes.resource": "\(type)", "kubernetes.object": "\(object.key)"])
    }
}

extension JSONTree {
    var bytes: ByteBuffer {
        var writer = JSONWriter(capacity: 2048)
        writer.tree(self)
        return writer.buffer
    }
}
