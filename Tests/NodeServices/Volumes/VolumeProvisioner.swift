import HTTPCalls
import JSON
import KubernetesAPI
import KubernetesClient
import Logging
import NIOConcurrencyHelpers

/// Makes a volume on this node for each claim of its classes, grows it with the claim, and removes it after the claim.
final class VolumeProvisioner: Sendable {
    enum Item: Hashable, Sendable {
        /// One of ``StorageClasses``.
        case storageClass(Int)
        case claim(ObjectKey)
        case volume(ObjectKey)
    }

    let client: KubernetesClient
    let node: String
    let store: VolumeStore
    let events: EventRecorder
    let logger: Logger
    let claims: ObjectCache
    let volumes: ObjectCache
    /// By the uid of the claim.
    let growths = NIOLockedValueBox<[String: GrowthRecord]>([:])

    private let classes: ObjectCache
    private let queue: WorkQueue<Item>

    init(client: KubernetesClient, node: String, store: VolumeStore, events: EventRecorder, logger: Logger) {
        self.client = client
        self.node = node
        self.store = store
        self.events = events
        self.logger = logger
        let queue = WorkQueue<Item>()
        self.queue = queue
        let claims = ObjectCache(Resources.claims, client: client, logger: logger) { queue.add(.claim($0.object.key)) }
        self.claims = claims
        volumes = ObjectCache(Resources.volumes, client: client, logger: logger) { queue.add(.volume($0.object.key)) }
        // Claims may have waited for a class, or behave otherwise with a new one.
        classes = ObjectCache(Resources.storageClasses, client: client, logger: logger) { _ in
            for claim in claims.objects { queue.add(.claim(claim.key)) }
        }
    }

    /// Works until the task is cancelled.
    func run() async {
        for place in StorageClasses.all.indices { queue.add(.storageClass(place)) }
        await withDiscardingTaskGroup { group in
            for cache in [claims, volumes, classes] { group.addTask { await cache.run() } }
            group.addTask { await self.store.limits.run() }
            group.addTask {
                // What a volume or a claim lacks is told by what is known of the others.
                for cache in [self.claims, self.volumes, self.classes] {
                    guard (try? await cache.waitUntilSynced()) != nil else { return }
                }
                await self.queue.process(concurrency: 8, logger: self.logger, telling: self.step)
            }
        }
    }

    // MARK: Steps

    private func step(_ item: Item) async throws -> WorkQueue<Item>.Outcome {
        switch item {
        case .storageClass(let place):
            try await create(StorageClasses.all[place].manifest, as: Resources.storageClasses)
            return .done
        case .claim(let key):
            guard let object = claims[key], let claim = try Claim(object) else { return .done }
            return try await look(after: claim)
        case .volume(let key):
            guard let object = volumes[key], let volume = try Volume(object), volume.node == node, volume.path == store.path(volume.name)
            else { return .done }
            if volume.isToBeRemoved {
                try await reclaim(volume, object)
            } else if volume.isSized {
                // The machine may have started anew.
                try await store.attach(volume.name, volume.writeLimit)
            }
            return .done
        }
    }

    private func look(after claim: Claim) async throws -> WorkQueue<Item>.Outcome {
        guard let object = classes[ObjectKey(name: claim.storageClass)] else { return .done }
        let storageClass: VolumeClass
        do {
            guard let found = try VolumeClass(object) else { return .done }
            storageClass = found
        } catch {
            if claim.volume == nil { tell(claim, .warning, "ProvisioningFailed", Self.failure(claim, error)) }
            throw error
        }
        switch try claim.work(of: storageClass, on: node) {
        case .nothing:
            growths.withLockedValue { $0[claim.object.uid] = nil }
            return .done
        case .provision:
            try await provision(claim, storageClass)
            return .done
        case .grow(let volume):
            return try await grow(claim, storageClass, volume)
        case .settle:
            try await tell(claim, status: GrowthStatus.settled)
            return .done
        }
    }

    /// Makes the data first, so that the volume can be used when it is there.
    private func provision(_ claim: Claim, _ storageClass: VolumeClass) async throws {
        let name = claim.volumeName
        guard volumes[ObjectKey(name: name)] == nil else { return }
        tell(
            claim, .normal, "Provisioning",
            "External provisioner is provisioning volume for claim \"\(claim.object.key.namespace)/\(claim.object.key.name)\"")
        let isNew: Bool
        do {
            if let fault = claim.fault { throw VolumeClass.Fault(fault) }
            try await store.make(name, of: storageClass, bytes: try Quantity(claim.request).wholeBlocks)
            isNew = try await create(
                Volume.manifest(for: claim, of: storageClass, on: node, at: store.path(name)), as: Resources.volumes)
        } catch {
            if !Task.isCancelled { tell(claim, .warning, "ProvisioningFailed", Self.failure(claim, error)) }
            throw error
        }
        // The cache may be a moment behind.
        guard isNew else { return }
        tell(claim, .normal, "ProvisioningSucceeded", "Successfully provisioned volume \(name)")
        logger.info("volume made", metadata: ["claim": "\(claim.object.key)", "volume": "\(name)", "size": "\(claim.request)"])
    }

    /// Removes the data, then the volume.
    private func reclaim(_ volume: Volume, _ object: KubernetesObject) async throws {
        do {
            try await store.remove(volume.name)
        } catch {
            let regarding = ObjectReference(object, type: Resources.volumes)
            events.record(
                EventOccurrence(regarding: regarding, type: .warning, reason: "VolumeFailedDelete", action: "Deleting", note: "\(error)"))
            throw error
        }
        try await client.delete(Resources.volumes, object.key, DeleteOptions(uid: object.uid))
        logger.info("volume removed", metadata: ["volume": "\(volume.name)"])
    }

    // MARK: Calls

    /// Creates an object that is in no namespace, unless it is there.
    ///
    /// - Returns: Whether it was created.
    @discardableResult
    private func create(_ object: JSONTree, as type: ResourceType) async throws(KubernetesError) -> Bool {
        do throws(KubernetesError) {
            _ = try await client.create(type, namespace: nil, object.bytes)
            return true
        } catch {
            guard error.isAlreadyExists else { throw error }
            return false
        }
    }

    /// Changes the status of a claim.
    func tell(_ claim: Claim, status: JSONTree) async throws {
        let patch: JSONTree = ["metadata": ["uid": .string(claim.object.uid)], "status": status]
        _ = try await client.patch(Resources.claims, claim.object.key, subresource: "status", .merge(patch.bytes))
    }

    /// Writes an event about a claim.
    func tell(_ claim: Claim, _ type: EventOccurrence.Kind, _ reason: String, _ note: String) {
        let regarding = ObjectReference(claim.object, type: Resources.claims)
        events.record(EventOccurrence(regarding: regarding, type: type, reason: reason, action: "Provisioning", note: note))
    }

    private static func failure(_ claim: Claim, _ error: any Error) -> String {
        "failed to provision volume with StorageClass \"\(claim.storageClass)\": \(error)"
    }
}
