import KubernetesClient
import Logging

extension WorkQueue {
    /// Works on the keys as ``process(concurrency:_:)`` does, and once more on those where it fails.
    func process(concurrency: Int, logger: Logger, trying work: @escaping @Sendable (Key) async throws -> Outcome) async {
        await process(concurrency: concurrency) { key in
            do {
                return try await work(key)
            } catch let error as KubernetesError where error.isConflict || error.isNotFound {
                // Another object has this name by now, or none has; the watch is about to tell.
                return .again(after: .milliseconds(50))
            } catch {
                if !Task.isCancelled { logger.warning("failed", metadata: ["key": "\(key)", "error": "\(error)"]) }
                return .failed
            }
        }
    }
}
