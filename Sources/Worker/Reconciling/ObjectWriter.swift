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
        case .apply(let object): try await apply(object)
        case .find(let object): return try await find(object, owner)
        case .tidy(let part, let changes, let resourceVersion), .moveOwnership(let part, let changes, let resourceVersion):
            // In a changed object other things may be too much, or somebody else's.
            let guardOperation: JSONTree = ["op": "add", "path": "/metadata/resourceVersion", "value": .string(resourceVersion)]
            try await patch(part.type, part.key(for: owner.key), .json(JSONTree.array([guardOperation] + changes).bytes))
        case .growClaim(let capacity):
            let change: JSONTree = ["spec": ["resources": ["requests": ["storage": .string(capacity)]]]]
            try await patch(.persistentVolumeClaims, Part.claim.key(for: owner.key), .merge(change.bytes))
        case .delete(let part, let uid, let orphaning):
            try await delete(
                part.type, part.key(for: owner.key), DeleteOptions(uid: uid, propagation: orphaning ? .orphan : .background))
        case .deletePod(let name, let uid):
            try await delete(.pods, ObjectKey(namespace: owner.key.namespace, name: name), DeleteOptions(uid: uid))
        case .deleteStrayClaim: return try await deleteStrayClaim(owner)
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
        let existing: KubernetesObject
        do throws(KubernetesError) {
            existing = try await client.get(object.part.type, object.key, within: Self.limit)
        } catch {
            guard error.isNotFound else { throw error }
            return .absent(object.part)
        }
        guard let json = try? existing.json(), owner.owns(json) else { return .nameTaken(object.part) }
        // Ours, without the label by which it would be known.
        try await apply(object)
        return .done
    }

    private func apply(_ object: DesiredObject) async throws(KubernetesError) {
        metrics.countWrite(.apply)
        let type = object.part.type
        // What we made is ours as a whole, whoever has changed a field of it.
        let answer = try await client.apply(type, object.key, object.applied.bytes, force: true, within: Self.limit)
        note(answer, type, "applied")
    }

    private func patch(
        _ type: ResourceType, _ key: ObjectKey, subresource: String? = nil, _ change: ObjectPatch
    ) async throws(KubernetesError) {
        metrics.countWrite(subresource == nil ? .patch : .status)
        note(
            try await client.patch(type, key, subresource: subresource, change, within: Self.limit), type,
            subresource == nil ? "patched" : "status patched")
    }

    private func delete(_ type: ResourceType, _ key: ObjectKey, _ options: DeleteOptions) async throws(KubernetesError) {
        do throws(KubernetesError) {
            metrics.countWrite(.delete)
            try await client.delete(type, key, options, within: Self.limit)
            logger.info("deleted", metadata: ["kubernetes.resource": "\(type)", "kubernetes.object": "\(key)"])
        } catch {
            // It is gone, or another one has its name.
            guard error.isNotFound || error.isConflict else { throw error }
        }
    }

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

    /// No owner reference lets the garbage collector find a claim whose label somebody took away.
    private func deleteStrayClaim(_ owner: Owner) async throws(KubernetesError) -> Result {
        let key = Part.claim.key(for: owner.key)
        do throws(KubernetesError) {
            let claim = try await client.get(.persistentVolumeClaims, key, within: Self.limit)
            guard let json = try? claim.json(), owner.owns(json) else { return .absent(.claim) }
            try await delete(.persistentVolumeClaims, key, DeleteOptions(uid: claim.uid))
            return .absent(.claim)
        } catch {
            guard error.isNotFound else { throw error }
            return .absent(.claim)
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
