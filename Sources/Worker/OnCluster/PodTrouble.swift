import JSON
import KubernetesAPI

/// Why a pod does not run, in the words of the scheduler and the kubelet; nil where it only needs more time.
///
/// What passes by itself is none: a claim that is about to be bound, a container that has ended once.
struct PodTrouble: Sendable, Equatable {
    let reason: Condition.Reason
    let message: String

    /// So much of what a container wrote last.
    private static let textLimit = 400

    /// - Parameter pod: Pod (core/v1).
    init?(_ pod: JSONValue) {
        guard pod[path: ["metadata", "deletionTimestamp"]] == nil, let status = pod["status"] else { return nil }
        let name = "Pod \(pod["metadata"]?["name"]?.string ?? "")"
        let unscheduled = status["conditions"]?.elements.first { $0["type"]?.string == "PodScheduled" && $0["status"]?.string == "False" }
        if let unscheduled, unscheduled["reason"]?.isString("Unschedulable") == true {
            let message = unscheduled["message"]?.string ?? ""
            // The scheduler looks again when the volume is there, which the claim tells of.
            guard !message.contains("unbound immediate PersistentVolumeClaims") else { return nil }
            (reason, self.message) = (.unschedulable, "\(name) fits on no node: \(message)")
            return
        }
        let containers = ["initContainerStatuses", "containerStatuses"].flatMap { status[$0]?.elements ?? [] }
        for container in containers where container["ready"]?.boolean != true {
            guard let fault = Self.fault(of: container) else { continue }
            (reason, message) = (fault.reason, "container \(container["name"]?.string ?? "") of \(name): \(fault.text)")
            return
        }
        return nil
    }

    /// Why a container waits, and what that means.
    private static let waitingReasons: [String: Condition.Reason] = [
        "ErrImagePull": .imagePullFailed, "ImagePullBackOff": .imagePullFailed, "InvalidImageName": .imagePullFailed,
        "ErrImageNeverPull": .imagePullFailed, "ImageInspectError": .imagePullFailed, "RegistryUnavailable": .imagePullFailed,
        "CrashLoopBackOff": .containerFailing, "CreateContainerConfigError": .containerFailing,
        "CreateContainerError": .containerFailing, "RunContainerError": .containerFailing
    ]

    private static func fault(of container: JSONValue) -> (reason: Condition.Reason, text: String)? {
        let ends = ["state", "lastState"].compactMap { container[$0]?["terminated"] }
        let end = ends.first { $0["exitCode"]?.integer != 0 }.map(Self.text(ofEnd:))
        if let waiting = container[path: ["state", "waiting"]], let word = waiting["reason"]?.string, let reason = waitingReasons[word] {
            let message = waiting["message"]?.string.map { ": \(limited($0))" } ?? ""
            return (reason, "\(word)\(message)\(end.map { "; \($0)" } ?? "")")
        }
        // Between two of its ends it runs for a moment, which is no better.
        let isLooping = (container["restartCount"]?.integer ?? 0) >= 2 && ends.contains { Self.wasShort($0) }
        guard let end, isLooping || ends.contains(where: { $0["reason"]?.isString("OOMKilled") == true }) else { return nil }
        return (.containerFailing, end)
    }

    /// Whether a container that failed had not run for a minute.
    private static func wasShort(_ end: JSONValue) -> Bool {
        guard end["exitCode"]?.integer != 0, let start = end["startedAt"]?.string.flatMap(Timestamp.init),
            let finish = end["finishedAt"]?.string.flatMap(Timestamp.init)
        else { return false }
        return finish.seconds - start.seconds < 60
    }

    private static func text(ofEnd end: JSONValue) -> String {
        let code = "exit code \(end["exitCode"]?.integer ?? 0)"
        let message = end["message"]?.string.map { ": \(limited($0))" } ?? ""
        return "it last ended with \(end["reason"]?.string ?? "Error") (\(code))\(message)"
    }

    /// The end of a text in one line: what a program says last is why it ended.
    private static func limited(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " / ")
        return line.count > textLimit ? "…\(line.suffix(textLimit))" : line
    }
}
