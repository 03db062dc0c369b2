import KubernetesClient
import Logging

extension WorkQueue {
    /// Works on the keys as ``process(concurrency:_:)`` does, and once more on those where it fails, which it tells.
    func process(concurrency: Int, logger: Logger, telling work: @escaping @Sendable (Key) async throws -> Outcome) async {
        await process(concurrency: concurrency) { key in
            do {
                return try await work(key)
            } catch let error as KubernetesError where error.isConflict || error.isNotFound {
                // The object changed or went meanwhile. The watch is about to tell.
                logger.info("object changed meanwhile", metadata: ["key": "\(key)", "error": "\(error)"])
                return .again(after: .milliseconds(100))
            } catch {
                if !Task.isCancelled { logger.warning("failed, will try again", metadata: ["key": "\(key)", "error": "\(error)"]) }
                return .failed
            }
        }
    }
}
