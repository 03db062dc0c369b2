import HTTPCalls
import JSON
import KubernetesAPI
import KubernetesClient
import Logging
import NIOConcurrencyHelpers

/// What is known of a growth that has begun.
struct GrowthRecord: Sendable {
    /// What the claim asks for.
    let request: String
    let start: ContinuousClock.Instant
    /// How often the storage refused it.
    var refusals = 0
    /// When the storage is asked again.
    var nextAttempt: ContinuousClock.Instant
}

extension VolumeProvisioner {
    private static let refusalBackoff = Backoff(first: .seconds(1), longest: .seconds(60))

    /// Has a claim get what it asks for, as its class wants it.
    func grow(_ claim: Claim, _ storageClass: VolumeClass, _ name: String) async throws -> WorkQueue<Item>.Outcome {
        guard let object = volumes[ObjectKey(name: name)], let volume = try Volume(object), volume.node == node else { return .done }
        let record = record(of: claim)
        switch GrowthStep(storageClass.growth, elapsed: .now - record.start) {
        case .finish:
            try await finish(claim, volume, isLate: storageClass.growth != .immediate)
            growths.withLockedValue { $0[claim.object.uid] = nil }
            return .done
        case .wait(let rest):
            try await grow(volume, to: claim.request)
            if claim.conditions != [.fileSystemResizePending] {
                try await tell(claim, status: GrowthStatus.condition(.fileSystemResizePending, at: .now()))
                tell(claim, .normal, "FileSystemResizeRequired", "Require file system resize of volume on node")
            }
            return rest.map { .again(after: $0) } ?? .done
        case .refuse:
            return try await refuse(claim, volume, record)
        }
    }

    private func finish(_ claim: Claim, _ volume: Volume, isLate: Bool) async throws {
        do {
            if volume.isSized { try await store.grow(volume.name, to: try Quantity(claim.request).wholeBlocks) }
        } catch {
            if !Task.isCancelled {
                tell(claim, .warning, "VolumeResizeFailed", GrowthStatus.failure(volume: volume.name, "Internal", "\(error)"))
            }
            throw error
        }
        try await grow(volume, to: claim.request)
        try await tell(claim, status: GrowthStatus.finished(claim.request))
        if isLate {
            tell(claim, .normal, "FileSystemResizeSuccessful", "MountVolume.NodeExpandVolume succeeded for volume \"\(volume.name)\"")
        } else {
            tell(claim, .normal, "VolumeResizeSuccessful", "Resize volume succeeded")
        }
        logger.info("volume grown", metadata: ["claim": "\(claim.object.key)", "volume": "\(volume.name)", "size": "\(claim.request)"])
    }

    private func refuse(_ claim: Claim, _ volume: Volume, _ record: GrowthRecord) async throws -> WorkQueue<Item>.Outcome {
        let now = ContinuousClock.now
        guard record.nextAttempt <= now else { return .again(after: record.nextAttempt - now) }
        if claim.conditions != [.resizing] { try await tell(claim, status: GrowthStatus.condition(.resizing, at: .now())) }
        let capacity = claim.capacity ?? volume.capacity
        let reason = "requested size \(claim.request) of volume \(volume.name) exceeds what the storage can offer (now \(capacity))"
        tell(claim, .warning, "VolumeResizeFailed", GrowthStatus.failure(volume: volume.name, "OutOfRange", reason))
        let pause = Self.refusalBackoff.pause(after: record.refusals + 1, jitter: 1)
        growths.withLockedValue { growths in
            growths[claim.object.uid]?.refusals += 1
            growths[claim.object.uid]?.nextAttempt = now + pause
        }
        return .again(after: pause)
    }

    /// The volume alone; its data are another matter.
    private func grow(_ volume: Volume, to size: String) async throws {
        guard try Quantity(volume.capacity) < Quantity(size) else { return }
        let patch: JSONTree = ["spec": ["capacity": ["storage": .string(size)]]]
        _ = try await client.patch(Resources.volumes, ObjectKey(name: volume.name), .merge(patch.bytes))
    }

    /// What is known of the claim's growth, begun now if it asks for something new.
    private func record(of claim: Claim) -> GrowthRecord {
        growths.withLockedValue { growths in
            if let record = growths[claim.object.uid], record.request == claim.request { return record }
            let record = GrowthRecord(request: claim.request, start: .now, nextAttempt: .now)
            growths[claim.object.uid] = record
            return record
        }
    }
}
