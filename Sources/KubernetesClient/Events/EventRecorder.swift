public import Logging
import JSON
import KubernetesAPI
import NIOConcurrencyHelpers
import NIOCore
public import ServiceLifecycle

/// Writes events, for people to read in `kubectl describe` (events.k8s.io/v1).
///
/// Recording never waits. What repeats is one event with a `series`; how many events one object can cause is limited, and what is beyond
/// that is only counted.
public final class EventRecorder: Service {
    /// How long it may take to write what is left at the end.
    private static let lastWrites = Duration.seconds(5)

    /// How long one write may take.
    private static let writeLimit = Duration.seconds(10)

    private struct State {
        var series: EventSeries
        var dropped = 0
        var wake: AsyncStream<Void>.Continuation?
    }

    private let client: KubernetesClient
    private let controller: String
    private let instance: String
    private let logger: Logger
    private let state: NIOLockedValueBox<State>

    /// - Parameters:
    ///   - controller: Who reports, as `cache.my.domain/dbmmo`.
    ///   - instance: Which of its processes, as the name of the pod.
    public convenience init(client: KubernetesClient, controller: String, instance: String, logger: Logger) {
        self.init(client: client, controller: controller, instance: instance, limits: EventSeries.Limits(), logger: logger)
    }

    init(client: KubernetesClient, controller: String, instance: String, limits: EventSeries.Limits, logger: Logger) {
        self.client = client
        self.controller = controller
        self.instance = instance.cut(to: 128)
        self.logger = logger
        state = NIOLockedValueBox(State(series: EventSeries(limits: limits)))
    }

    /// How many events were left out because there were too many.
    public var dropped: Int { state.withLockedValue { $0.dropped } }

    /// Has an event written soon. Does not wait.
    public func record(_ occurrence: EventOccurrence) {
        let name = Self.name(for: occurrence)
        let wake = state.withLockedValue { state in
            if !state.series.record(occurrence, name: name, at: .now, wallClock: .now()) { state.dropped += 1 }
            return state.wake
        }
        wake?.yield()
    }

    /// Writes events until graceful shutdown or cancellation, and then what is left.
    public func run() async {
        let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        state.withLockedValue { $0.wake = wake }
        wake.yield()
        await cancelWhenGracefulShutdown { [self] in
            var alarm = Alarm(wake: wake)
            defer { alarm.cancel() }
            for await _ in wakes {
                while !Task.isCancelled, let write = state.withLockedValue({ $0.series.next(at: .now) }) {
                    await perform(write, within: Self.writeLimit)
                }
                alarm.set(state.withLockedValue { $0.series.nextDue })
            }
        }
        state.withLockedValue { $0.wake = nil }
        await writeTheRest()
    }

    private func writeTheRest() async {
        // The task may be cancelled, and this must be done all the same.
        let rest = Task { [self] in
            let deadline = ContinuousClock.now + Self.lastWrites
            while ContinuousClock.now < deadline, let write = state.withLockedValue({ $0.series.next(at: .now, isLast: true) }) {
                // What fails now is given up.
                guard await perform(write, within: deadline - .now) else { return }
            }
        }
        await rest.value
    }

    @discardableResult
    private func perform(_ write: EventSeries.Write, within limit: Duration) async -> Bool {
        let result: EventSeries.WriteResult
        do throws(KubernetesError) {
            switch write {
            case .create(let occurrence, let name, let time):
                let event = event(occurrence, name: name, time: time)
                _ = try await client.create(.events, namespace: Self.namespace(of: occurrence), event, within: limit)
            case .patch(let occurrence, let name, let count, let lastObserved):
                let key = ObjectKey(namespace: Self.namespace(of: occurrence), name: name)
                _ = try await client.patch(.events, key, .merge(Self.series(count, lastObserved)), within: limit)
            }
            result = .written
        } catch {
            result = Self.result(of: error, write)
            logger.debug("event not written", metadata: ["error": "\(error)"])
        }
        state.withLockedValue { $0.series.finish(write, result, newName: Self.name(for: write.occurrence), at: .now) }
        if case .written = result { return true }
        return false
    }

    private static func result(of error: KubernetesError, _ write: EventSeries.Write) -> EventSeries.WriteResult {
        switch (write, error.status?.code) {
        // A create whose answer was lost.
        case (.create, 409?) where error.isAlreadyExists: .written
        case (.patch, 404?): .gone
        case (_, 429?), (_, nil): .failed
        case (_, let code?): code >= 500 ? .failed : .refused
        }
    }

    // MARK: What is written

    /// Events about objects that are in no namespace are in the system's: up to Kubernetes 1.20 the API server accepts no other, later ones
    /// accept the default one too.
    private static func namespace(of occurrence: EventOccurrence) -> String {
        let namespace = occurrence.regarding.key.namespace
        return namespace.isEmpty ? "kube-system" : namespace
    }

    /// The name of the object with something random, within the 253 bytes of a name.
    private static func name(for occurrence: EventOccurrence) -> String {
        let digits = String(UInt64.random(in: .min ... .max), radix: 16)
        return "\(occurrence.regarding.key.name.cut(to: 230)).\(String(repeating: "0", count: 16 - digits.utf8.count))\(digits)"
    }

    private func event(_ occurrence: EventOccurrence, name: String, time: Timestamp) -> ByteBuffer {
        var writer = JSONWriter(capacity: 1024)
        writer.beginObject()
        writer.member("apiVersion", "events.k8s.io/v1")
        writer.member("kind", "Event")
        writer.name("metadata")
        writer.beginObject()
        writer.member("namespace", Self.namespace(of: occurrence))
        writer.member("name", name)
        writer.endObject()
        writer.member("eventTime", time.microText)
        writer.member("reportingController", controller)
        writer.member("reportingInstance", instance)
        writer.member("type", occurrence.type.rawValue)
        writer.member("reason", occurrence.reason)
        writer.member("action", occurrence.action)
        writer.member("note", occurrence.note)
        writer.name("regarding")
        writer.beginObject()
        writer.member("apiVersion", occurrence.regarding.apiVersion)
        writer.member("kind", occurrence.regarding.kind)
        if !occurrence.regarding.key.namespace.isEmpty { writer.member("namespace", occurrence.regarding.key.namespace) }
        writer.member("name", occurrence.regarding.key.name)
        writer.member("uid", occurrence.regarding.uid)
        writer.endObject()
        writer.endObject()
        return writer.buffer
    }

    private static func series(_ count: Int64, _ lastObserved: Timestamp) -> ByteBuffer {
        var writer = JSONWriter(capacity: 128)
        writer.beginObject()
        writer.name("series")
        writer.beginObject()
        writer.name("count")
        writer.integer(count)
        writer.member("lastObservedTime", lastObserved.microText)
        writer.endObject()
        writer.endObject()
        return writer.buffer
    }
}
