import KubernetesAPI
import Logging
import NIOCore
import NIOHTTP1
import Synchronization
import TestSupport
import Testing

@testable import KubernetesClient

/// Writes and reads objects over several connections, some twenty a second, all by way of the webhooks. It has no second try: whatever goes wrong
/// is kept.
final class ApplyStream: Sendable {
    struct Report: Sendable, CustomStringConvertible {
        var times = LatencyFigures()
        /// When each call began that failed, and how it did.
        var failures: [(began: ContinuousClock.Instant, what: String)] = []

        var count: Int { times.count + failures.count }

        var description: String {
            "\(times), \(failures.count) failed" + failures.prefix(4).map { "\n    \($0.what)" }.joined()
        }
    }

    private static let connections = 4
    /// From one call of a connection to its next.
    private static let interval = Duration.milliseconds(200)

    private let stopFlag = StopFlag()
    private let report = Mutex(Report())
    private let namespace: String

    private init(_ namespace: String) {
        self.namespace = namespace
    }

    /// Lets it work as long as the body, and for some time before and after it.
    static func during(margin: Duration = .seconds(1), _ body: () async throws -> Void) async throws -> Report {
        let controlPlane = try ControlPlane.current
        let stream = ApplyStream(try await controlPlane.namespace())
        let configuration = try ClusterConfiguration.load(kubeconfig: controlPlane.kubeconfig)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<connections {
                group.addTask { await stream.work(number, configuration) }
            }
            try await withCleanup({ stream.stopFlag.raise() }) {
                try await Task.sleep(for: margin)
                try await body()
                try await Task.sleep(for: margin)
            }
            try await group.waitForAll()
            return stream.report.withLock { $0 }
        }
    }

    private func work(_ number: Int, _ configuration: ClusterConfiguration) async {
        var policy = RetryPolicy()
        (policy.attempts, policy.transportAttempts) = (1, 1)
        let client = KubernetesClient(configuration, policy: policy, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        var count = 0
        var next = ContinuousClock.now
        while !stopFlag.isRaised {
            let request = request(count, "stream-\(number)")
            let start = ContinuousClock.now
            do throws(KubernetesError) {
                _ = try await client.answer(to: request, within: .seconds(25))
                report.withLock { $0.times.add(ContinuousClock.now - start) }
            } catch {
                report.withLock { $0.failures.append((start, "\(error)")) }
            }
            count += 1
            next = max(next + Self.interval, .now)
            try? await Task.sleep(until: next)
        }
        await client.shutdown()
    }

    /// By turns an object that is stored, or changed, is read in the old version, and thrice one is made that is not to be stored.
    private func request(_ count: Int, _ name: String) -> APIRequest {
        let path = { (version: Version) in "/apis/cache.my.domain/\(version.rawValue)/namespaces/\(self.namespace)/dbmmomysqls" }
        // No volume is ever made for it, and so no pod runs.
        let spec = #"{"onCluster":{"storage":{"capacity":"1Gi","storageClassName":"nobody-has-it"}}}"#
        switch count % 5 {
        case 0:
            var request = APIRequest(.PATCH, "\(path(.v1))/\(name)")
            request.query = [("fieldManager", "test"), ("force", "true")]
            let object = Objects.object(name, metadata: #""labels":{"count":"\#(count)"}"#, spec: spec)
            request.body = APIRequest.Body(contentType: "application/apply-patch+yaml", bytes: ByteBuffer(string: object))
            return request
        case 1:
            return APIRequest(.GET, "\(path(.v1alpha1))/\(name)")
        default:
            var request = APIRequest(.POST, path(.v1))
            request.query = [("dryRun", "All")]
            let object = Objects.object("\(name)-\(count)", spec: spec)
            request.body = APIRequest.Body(contentType: "application/json", bytes: ByteBuffer(string: object))
            return request
        }
    }
}
