import FoundationEssentials
import JSON
import KubernetesAPI
import KubernetesClient
import Logging
import NIOConcurrencyHelpers
import TestSupport

/// Makes a volume for each claim of the node's storage class: a directory. Grows it with the claim, and removes it after the claim.
final class VolumeProvisioner: Sendable {
    /// How a claim that grows reaches its size.
    enum Expansion: Sendable {
        case immediate
        /// The file system follows the volume so much later.
        case resizePending(Duration)
        /// The file system does not follow until the expansion is set to something else.
        case stuck
    }

    private enum Item: Hashable, Sendable {
        case claim(ObjectKey), volume(ObjectKey)
    }

    private struct State {
        var expansion = Expansion.immediate
        /// Since when the file system of a claim has to follow, by the claim's uid.
        var pending: [String: ContinuousClock.Instant] = [:]
    }

    private static let provisioner = "dbmmo.test/directory"
    private static let provisionedBy = "pv.kubernetes.io/provisioned-by"

    private let client: KubernetesClient
    private let directory: String
    private let logger: Logger
    private let state = NIOLockedValueBox(State())
    private let queue = WorkQueue<Item>()
    private let claims: ObjectCache
    private let volumes: ObjectCache

    /// - Parameter directory: Where the volumes are; it must exist.
    init(client: KubernetesClient, directory: String, logger: Logger) {
        self.client = client
        self.directory = directory
        self.logger = logger
        claims = ObjectCache(NodeTypes.claims, client: client, logger: logger) { [queue] in queue.add(.claim($0.object.key)) }
        volumes = ObjectCache(NodeTypes.volumes, client: client, logger: logger) { [queue] in queue.add(.volume($0.object.key)) }
    }

    /// Creates the storage class, and waits until claims without a class get it.
    func createStorageClass() async throws {
        let storageClass: JSONTree = [
            "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass",
            "metadata": [
                "name": .string(NodeAgent.storageClass), "annotations": ["storageclass.kubernetes.io/is-default-class": "true"]
            ],
            "provisioner": .string(Self.provisioner), "reclaimPolicy": "Delete", "volumeBindingMode": "Immediate",
            "allowVolumeExpansion": true
        ]
        do throws(KubernetesError) {
            _ = try await client.create(NodeTypes.storageClasses, namespace: nil, storageClass.bytes)
        } catch {
            guard error.isAlreadyExists else { throw error }
        }
        let claim: JSONTree = [
            "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": ["name": "probe"],
            "spec": ["accessModes": ["ReadWriteOnce"], "resources": ["requests": ["storage": "1Gi"]]]
        ]
        try await poll("claims get the storage class") {
            try await client.dryRun(NodeTypes.claims, namespace: "default", claim).json()["spec"]?["storageClassName"] != nil
        }
    }

    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.claims.run() }
            group.addTask { await self.volumes.run() }
            group.addTask { await self.queue.process(concurrency: 8, logger: self.logger) { try await self.step($0) } }
        }
    }

    // MARK: What is asked and said

    func expand(_ expansion: Expansion) {
        state.withLockedValue { $0.expansion = expansion }
        for claim in claims.objects { queue.add(.claim(claim.key)) }
    }

    func exists(_ claim: ObjectKey) -> Bool { claims[claim] != nil }

    func isBound(_ claim: ObjectKey) -> Bool {
        (try? claims[claim]?.json())?["status"]?["phase"]?.string == "Bound"
    }

    /// Where the data of a claim are; nil while it has no volume of ours.
    func directory(of claim: ObjectKey) -> String? {
        guard let name = (try? claims[claim]?.json())?["spec"]?["volumeName"]?.string else { return nil }
        return (try? volumes[ObjectKey(name: name)]?.json())?[path: ["spec", "hostPath", "path"]]?.string
    }

    // MARK: Work

    private func step(_ item: Item) async throws -> WorkQueue<Item>.Outcome {
        switch item {
        case .claim(let key):
            guard let claim = claims[key] else { return .done }
            return try await look(after: claim, try claim.json())
        case .volume(let key):
            guard let volume = volumes[key] else { return .done }
            try await reclaim(volume, try volume.json())
            return .done
        }
    }

    private func look(after claim: KubernetesObject, _ json: JSONValue) async throws -> WorkQueue<Item>.Outcome {
        guard let spec = json["spec"], spec["storageClassName"]?.string == NodeAgent.storageClass,
            json["metadata"]?["deletionTimestamp"] == nil, let size = spec[path: ["resources", "requests", "storage"]]?.string
        else { return .done }
        guard let volume = spec["volumeName"]?.string else {
            try await provision(claim, spec, size)
            return .done
        }
        guard let held = json[path: ["status", "capacity", "storage"]]?.string, try Quantity(held) < Quantity(size) else { return .done }
        return try await grow(claim, json, ObjectKey(name: volume), to: size)
    }

    /// Makes a volume that only this claim can have. The volume controller binds them.
    private func provision(_ claim: KubernetesObject, _ spec: JSONValue, _ size: String) async throws {
        let name = "pvc-\(claim.uid)"
        let path = "\(directory)/\(name)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let volume: JSONTree = [
            "apiVersion": "v1", "kind": "PersistentVolume",
            "metadata": ["name": .string(name), "annotations": [Self.provisionedBy: .string(Self.provisioner)]],
            "spec": [
                "capacity": ["storage": .string(size)], "accessModes": spec["accessModes"].map { .verbatim($0) },
                "volumeMode": spec["volumeMode"].map { .verbatim($0) }, "hostPath": ["path": .string(path)],
                "storageClassName": .string(NodeAgent.storageClass), "persistentVolumeReclaimPolicy": "Delete",
                "claimRef": [
                    "apiVersion": "v1", "kind": "PersistentVolumeClaim", "namespace": .string(claim.key.namespace),
                    "name": .string(claim.key.name), "uid": .string(claim.uid)
                ]
            ]
        ]
        do throws(KubernetesError) {
            _ = try await client.create(NodeTypes.volumes, namespace: nil, volume.bytes)
        } catch {
            guard error.isAlreadyExists else { throw error }
        }
    }

    /// First the volume grows, then the file system on it.
    private func grow(
        _ claim: KubernetesObject, _ json: JSONValue, _ volume: ObjectKey, to size: String
    ) async throws -> WorkQueue<Item>.Outcome {
        let capacity: JSONTree = ["spec": ["capacity": ["storage": .string(size)]]]
        _ = try await client.patch(NodeTypes.volumes, volume, .merge(capacity.bytes))
        let (expansion, since) = state.withLockedValue { state in
            let since = state.pending[claim.uid] ?? .now
            state.pending[claim.uid] = since
            return (state.expansion, since)
        }
        let left: Duration?
        switch expansion {
        case .immediate: left = .zero
        case .resizePending(let time): left = time - (ContinuousClock.now - since)
        case .stuck: left = nil
        }
        if let left, left <= .zero {
            try await tell(claim, ["capacity": ["storage": .string(size)], "conditions": .null])
            state.withLockedValue { $0.pending[claim.uid] = nil }
            return .done
        }
        let conditions = json["status"]?["conditions"]?.elements ?? []
        if !conditions.contains(where: { $0["type"]?.string == "FileSystemResizePending" }) {
            let condition: JSONTree = [
                "type": "FileSystemResizePending", "status": "True", "lastTransitionTime": .string(Timestamp.now().text),
                "message": "Waiting for user to (re-)start a pod to finish file system resize of volume on node."
            ]
            try await tell(claim, ["conditions": [condition]])
        }
        return left.map { .again(after: $0) } ?? .done
    }

    private func tell(_ claim: KubernetesObject, _ status: JSONTree) async throws {
        let patch: JSONTree = ["metadata": ["uid": .string(claim.uid)], "status": status]
        _ = try await client.patch(NodeTypes.claims, claim.key, subresource: "status", .merge(patch.bytes))
    }

    /// Removes a volume of ours whose claim is gone, with its data.
    private func reclaim(_ volume: KubernetesObject, _ json: JSONValue) async throws {
        guard json[path: ["metadata", "annotations", Self.provisionedBy]]?.string == Self.provisioner,
            json[path: ["status", "phase"]]?.string == "Released",
            json[path: ["spec", "persistentVolumeReclaimPolicy"]]?.string == "Delete",
            let path = json[path: ["spec", "hostPath", "path"]]?.string, path.hasPrefix("\(directory)/")
        else { return }
        if FileManager.default.fileExists(atPath: path) { try FileManager.default.removeItem(atPath: path) }
        try await client.delete(NodeTypes.volumes, volume.key, DeleteOptions(uid: volume.uid))
    }
}
