public import Logging
import JSON
import KubernetesAPI
import NIOConcurrencyHelpers
import ServiceLifecycle

/// Has one of several processes lead at a time, by a lease that it renews (coordination.k8s.io/v1).
public final class LeaderElection: Sendable {
    /// How long things take. What holds: retryPeriod < renewDeadline < leaseDuration.
    public struct Timing: Sendable, Equatable {
        /// How long others wait for a leader that shows no sign of life. In whole seconds.
        public var leaseDuration = Duration.seconds(15)
        /// How long a leader leads without having renewed its lease. The time from here to `leaseDuration` is what its work has to end in.
        public var renewDeadline = Duration.seconds(10)
        /// From one look at the lease to the next, and from one renewal to the next.
        public var retryPeriod = Duration.seconds(2)

        public init() {}

        /// The others in proportion.
        ///
        /// - Parameter leaseDuration: Rounded down to whole seconds, since others go by what the lease says; at least one.
        public init(leaseDuration: Duration) {
            self.leaseDuration = .seconds(max(1, leaseDuration.components.seconds))
            (renewDeadline, retryPeriod) = (self.leaseDuration * 2 / 3, self.leaseDuration * 2 / 15)
        }
    }

    /// Who we are in the lease. No two processes may have the same.
    public let identity: String
    public let lease: ObjectKey

    private let client: KubernetesClient
    private let timing: Timing
    private let logger: Logger
    private let onLeading: @Sendable (Bool) -> Void
    private let state: NIOLockedValueBox<LeaderElectionState>

    /// - Parameters:
    ///   - lease: The lease's namespace and name.
    ///   - identity: Unique among all processes that ever contend, so it holds something random besides the name of the pod.
    ///   - onLeading: Told when we begin to lead and when we no longer do, for metrics.
    public init(
        _ lease: ObjectKey, identity: String, client: KubernetesClient, timing: Timing = Timing(), logger: Logger,
        onLeading: @escaping @Sendable (Bool) -> Void = { _ in }
    ) {
        self.lease = lease
        self.identity = identity
        self.client = client
        self.timing = timing
        self.onLeading = onLeading
        var logger = logger
        logger[metadataKey: "kubernetes.lease"] = "\(lease)"
        self.logger = logger
        state = NIOLockedValueBox(LeaderElectionState(identity: identity, timing: timing))
    }

    /// Whether we lead at this moment. It becomes false by the clock alone, also when the process was stopped, so it is worth asking
    /// right before a write.
    public var isLeading: Bool { state.withLockedValue { $0.leads(at: .now) } }

    /// Who leads, as far as is known.
    public var leader: String? { state.withLockedValue { $0.holder } }

    /// Contends until graceful shutdown or cancellation, and does something whenever we lead.
    ///
    /// The work is cancelled when leadership is lost or is to end, at the latest `renewDeadline` after the beginning of the last renewal
    /// that succeeded. It must then end within `leaseDuration - renewDeadline`. When it has ended, the lease is given back if we are to
    /// end, and contended for again if not.
    ///
    /// - Parameter work: Done while we lead. When it returns by itself, nothing is done until leadership changes.
    public func run(whileLeading work: @escaping @Sendable () async -> Void) async {
        await cancelWhenGracefulShutdown { [self] in
            while !Task.isCancelled {
                await contend(until: { $0 })
                guard isLeading, !Task.isCancelled else { continue }
                logger.info("leading", metadata: ["kubernetes.identity": "\(identity)"])
                onLeading(true)
                await lead(work)
                onLeading(false)
                if !Task.isCancelled { logger.warning("not leading any more", metadata: ["kubernetes.leader": "\(leader ?? "")"]) }
            }
        }
        await release()
    }

    private enum Part {
        case work, leadership
    }

    /// Does the work, and renews the lease as long as we lead.
    private func lead(_ work: @escaping @Sendable () async -> Void) async {
        await withTaskGroup(of: Part.self) { group in
            group.addTask {
                await work()
                return .work
            }
            group.addTask { [self] in
                await contend(until: { !$0 })
                return .leadership
            }
            group.addTask { [self] in
                await waitForTheEnd()
                return .leadership
            }
            // Work that ends by itself leaves us the leader.
            while await group.next() == .work {}
            group.cancelAll()
            await group.waitForAll()
        }
    }

    /// Returns when we do not lead any more by the clock, whatever the renewals are waiting for.
    private func waitForTheEnd() async {
        while let end = state.withLockedValue({ $0.leadsUntil }), ContinuousClock.now < end, !Task.isCancelled {
            try? await Task.sleep(until: end, clock: .continuous)
        }
    }

    /// Takes steps until a condition on whether we lead holds, or the task is cancelled.
    private func contend(until isOver: (Bool) -> Bool) async {
        while !Task.isCancelled {
            let action = state.withLockedValue { $0.next(at: .now, wallClock: .now()) }
            if isOver(isLeading) { return }
            await perform(action)
            if isOver(isLeading) { return }
        }
    }

    private func perform(_ action: LeaderElectionState.Action) async {
        let began = ContinuousClock.now
        // Half of the time that is left at most, so that one call that hangs does not cost the leadership.
        let left = state.withLockedValue { $0.leadsUntil }.map { $0 - began } ?? timing.renewDeadline
        let limit = max(.milliseconds(50), left / 2)
        do throws(KubernetesError) {
            switch action {
            case .wait(let instant): try? await Task.sleep(until: instant, clock: .continuous)
            case .read: try await read(limit)
            case .create(let record):
                let body = record.object(lease, resourceVersion: nil)
                let object = try await client.create(.leases, namespace: lease.namespace, body, within: limit)
                wrote(record, object, began)
            case .update(let record, let version):
                let body = record.object(lease, resourceVersion: version)
                wrote(record, try await client.replace(.leases, lease, body, within: limit), began)
            }
        } catch {
            state.withLockedValue { $0.failed(isContested: error.isConflict || error.isAlreadyExists, at: .now) }
            if !Task.isCancelled { logger.debug("the lease was not reached", metadata: ["error": "\(error)"]) }
        }
    }

    private func read(_ limit: Duration) async throws(KubernetesError) {
        do throws(KubernetesError) {
            let (record, version) = try await stored(limit)
            state.withLockedValue { $0.saw((record, version), at: .now) }
        } catch {
            guard error.isNotFound else { throw error }
            state.withLockedValue { $0.saw(nil, at: .now) }
        }
    }

    private func stored(_ limit: Duration) async throws(KubernetesError) -> (LeaseRecord, resourceVersion: String) {
        let object = try await client.get(.leases, lease, within: limit)
        do throws(JSONParseError) {
            return (LeaseRecord(reading: try object.json()), object.resourceVersion)
        } catch {
            throw KubernetesError(.malformedAnswer("\(error)"), call: "GET \(ResourceType.leases.path(of: lease))")
        }
    }

    private func wrote(_ record: LeaseRecord, _ object: KubernetesObject, _ began: ContinuousClock.Instant) {
        state.withLockedValue { $0.wrote(record, resourceVersion: object.resourceVersion, began: began, at: .now) }
    }

    /// Gives the lease back, so that another one need not wait for its end.
    private func release() async {
        guard case .update(let record, let version)? = state.withLockedValue({ $0.release(wallClock: .now()) }) else { return }
        // The task is cancelled, and this must be done all the same.
        let release = Task { [self] () async -> KubernetesError? in
            do throws(KubernetesError) {
                try await give(record, at: version)
                return nil
            } catch {
                return error
            }
        }
        if let error = await release.value { logger.info("the lease was not given back", metadata: ["error": "\(error)"]) }
    }

    private func give(_ record: LeaseRecord, at version: String) async throws(KubernetesError) {
        do throws(KubernetesError) {
            _ = try await client.replace(.leases, lease, record.object(lease, resourceVersion: version), within: timing.retryPeriod)
        } catch {
            guard error.isConflict else { throw error }
            // A renewal that was cancelled may have been done.
            let (current, version) = try await stored(timing.retryPeriod)
            guard current.holder == identity else { return }
            _ = try await client.replace(.leases, lease, record.object(lease, resourceVersion: version), within: timing.retryPeriod)
        }
    }
}
