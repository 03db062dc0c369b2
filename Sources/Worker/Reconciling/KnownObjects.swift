import KubernetesClient
import Logging
import NIOConcurrencyHelpers

/// The objects of a type, as the watch tells of them, or as the API server answered to our own writes where the watch is not there yet.
///
/// So what was just created is not created again, and a plan goes on from what is true.
final class KnownObjects: Sendable {
    private struct Write {
        let object: KubernetesObject
        let at: ContinuousClock.Instant
    }

    /// After so long the watch counts, whatever it tells.
    private static let patience = Duration.seconds(5)

    let cache: ObjectCache
    private let writes: NIOLockedValueBox<[ObjectKey: Write]>

    /// - Parameter onChange: Told of what the watch tells.
    init(
        _ type: ResourceType, _ selection: ObjectSelection, client: KubernetesClient, logger: Logger,
        onChange: @escaping @Sendable (ObjectChange) -> Void
    ) {
        let writes = NIOLockedValueBox<[ObjectKey: Write]>([:])
        self.writes = writes
        cache = ObjectCache(type, selection, client: client, logger: logger) { change in
            if case .deleted(let object) = change {
                writes.withLockedValue { if $0[object.key]?.object.uid == object.uid { $0[object.key] = nil } }
            }
            onChange(change)
        }
    }

    subscript(key: ObjectKey) -> KubernetesObject? {
        let watched = cache[key]
        return writes.withLockedValue { writes in
            guard let write = writes[key] else { return watched }
            guard Self.isAhead(write.object, of: watched), .now - write.at < Self.patience else {
                writes[key] = nil
                return watched
            }
            return write.object
        }
    }

    /// Whether the watch has not told of a write of ours yet.
    func isAhead(of key: ObjectKey) -> Bool {
        let watched = cache[key]
        return writes.withLockedValue { $0[key].map { Self.isAhead($0.object, of: watched) } ?? false }
    }

    /// Takes over the API server's answer to a write.
    func wrote(_ object: KubernetesObject) {
        writes.withLockedValue { $0[object.key] = Write(object: object, at: .now) }
    }

    /// Whether a version of an object is younger than another. Versions are numbers that grow (KEP-5504); where they are none, the watch counts.
    private static func isAhead(_ written: KubernetesObject, of watched: KubernetesObject?) -> Bool {
        guard let watched else { return true }
        guard let mine = UInt64(written.resourceVersion), let theirs = UInt64(watched.resourceVersion) else { return false }
        return mine > theirs
    }
}
