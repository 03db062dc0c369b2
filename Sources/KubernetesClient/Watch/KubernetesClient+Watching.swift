import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1

extension KubernetesClient {
    /// The longest event of a watch that is accepted, in bytes: ten times what etcd stores.
    private static let eventLimit = 16 << 20

    /// Follows the changes of a selection over one connection, until that ends.
    ///
    /// - Parameters:
    ///   - resourceVersion: From where to go on: of a list, or of the last event.
    ///   - duration: How long the API server is to keep the connection, in whole seconds.
    ///   - receive: Called with each event, in order.
    ///   - grace: How much longer to wait for its end.
    /// - Throws: ``KubernetesError``; also what the API server tells within the watch, such as that the version is too old
    ///   (``KubernetesError/isExpired``).
    func watch(
        _ type: ResourceType, _ selection: ObjectSelection, from resourceVersion: String, for duration: Duration,
        grace: Duration, _ receive: @escaping @Sendable (WatchEvent) -> Void
    ) async throws(KubernetesError) {
        var request = APIRequest(.GET, type.collectionPath(namespace: selection.namespace))
        request.select(selection)
        request.ask("watch", "true")
        request.ask("allowWatchBookmarks", "true")
        request.ask("resourceVersion", resourceVersion)
        request.ask("timeoutSeconds", String(max(1, duration.components.seconds)))
        let title = request.title
        let framer = NIOLockedValueBox(LineFramer(limit: Self.eventLimit))
        try await stream(request, until: .now + duration + grace) { part in
            framer.withLockedValue { $0.append(part) }
            do {
                while let line = try framer.withLockedValue({ try $0.next() }) {
                    let event = try WatchEvent(line: line)
                    if case .failure(let status) = event { throw KubernetesError(.status(status), call: title) }
                    receive(event)
                }
            } catch let error as WatchEvent.Malformed {
                throw KubernetesError(.malformedAnswer(error.reason), call: title)
            } catch let error as LineFramer.LineTooLong {
                throw KubernetesError(.malformedAnswer("an event over \(error.limit) bytes"), call: title)
            }
        }
    }
}
