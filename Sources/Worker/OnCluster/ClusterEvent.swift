import JSON
import KubernetesAPI

/// What a component of Kubernetes has recorded about an object (Event, core/v1).
struct ClusterEvent: Sendable, Equatable {
    let isWarning: Bool
    /// As `FailedMount`.
    let reason: String
    /// Without what differs each time that the same thing happens.
    let message: String
    /// When it last happened, to the second; long ago where nothing says so.
    let time: Timestamp

    /// So much of a message is told.
    private static let textLimit = 500

    init(_ json: JSONValue) {
        isWarning = json["type"]?.isString("Warning") == true
        reason = json["reason"]?.string ?? ""
        message = Self.stable(json["message"]?.string ?? "")
        // Recorders of events.k8s.io fill in the later ones only.
        let times = [json["lastTimestamp"], json[path: ["series", "lastObservedTime"]], json["eventTime"], json["firstTimestamp"]]
        time = Timestamp(seconds: times.lazy.compactMap { $0?.string.flatMap(Timestamp.init) }.first?.seconds ?? 0)
    }

    /// The kubelet names each sandbox that it tries to make, and the recorder says when it has put messages together.
    private static func stable(_ message: String) -> String {
        let combined = "(combined from similar events): "
        let text = message.hasPrefix(combined) ? message.dropFirst(combined.count) : message[...]
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " / ")
        let words = line.split(omittingEmptySubsequences: false) { $0 == " " || $0 == "\"" }
        var result = line
        for word in words where word.count >= 32 && word.allSatisfy(\.isHexDigit) { result.replace(word, with: "…") }
        return result.count > textLimit ? "\(result.prefix(textLimit))…" : result
    }
}

/// Why something does not come that a database waits for, by the events about it. Only these tell of a pod that is refused, of a volume that cannot be
/// made or mounted, of a sandbox without a network, of a node that does not report.
struct EventTrouble: Sendable, Equatable {
    /// What a database waits for, and of which nothing is wrong as far as its own status says.
    enum Awaited: Sendable {
        /// A pod of this StatefulSet.
        case pod(ofStatefulSet: String)
        case volume(ofClaim: String)
        case readiness(PodState)

        var uid: String {
            switch self {
            case .pod(let uid), .volume(let uid): uid
            case .readiness(let pod): pod.uid
            }
        }
    }

    /// When an event still holds.
    private enum Scope {
        case pod
        case volume
        /// The kubelet makes the containers of a pod, and none has begun since.
        case creation
        /// A pod has been unready since.
        case unreadiness
    }

    private struct Kind {
        let event: String
        /// What its message has to contain.
        var text = ""
        let scope: Scope
        let reason: Condition.Reason
    }

    private static let kinds = [
        Kind(event: "FailedCreate", scope: .pod, reason: .failedCreate),
        Kind(event: "ProvisioningFailed", scope: .volume, reason: .provisioningFailed),
        Kind(event: "FailedBinding", scope: .volume, reason: .provisioningFailed),
        Kind(event: "NodeNotReady", scope: .unreadiness, reason: .nodeNotReady),
        Kind(event: "Unhealthy", text: "Access denied", scope: .unreadiness, reason: .accessDenied),
        Kind(event: "FailedAttachVolume", scope: .creation, reason: .failedMount),
        Kind(event: "FailedMapVolume", scope: .creation, reason: .failedMount),
        Kind(event: "FailedMount", scope: .creation, reason: .failedMount),
        Kind(event: "FailedCreatePodSandBox", scope: .creation, reason: .failedCreatePodSandBox),
        Kind(event: "NetworkNotReady", scope: .creation, reason: .failedCreatePodSandBox)
    ]

    /// What the kubelet, a controller or a provisioner records when it has succeeded after all.
    private static let successes: Set = ["Pulling", "Pulled", "Created", "Started", "SuccessfulCreate", "ProvisioningSucceeded"]

    let reason: Condition.Reason
    let message: String

    /// The one that is named first above, and the same one of several: a status is not to change with each try.
    ///
    /// - Parameter events: About the object with the uid of what is awaited.
    init?(_ awaited: Awaited, _ title: String, _ events: [ClusterEvent]) {
        let lastSuccess = events.filter { !$0.isWarning && Self.successes.contains($0.reason) }.map(\.time).max() ?? Timestamp(seconds: 0)
        for kind in Self.kinds {
            let holding = events.filter { event in
                event.isWarning && event.reason == kind.event && event.message.contains(kind.text)
                    && Self.holds(event, kind.scope, for: awaited, lastSuccess)
            }
            guard let event = holding.min(by: { $0.message < $1.message }) else { continue }
            reason = kind.reason
            message = "\(title): \(event.reason): \(event.message)\(Self.advice(kind.reason, awaited, event))"
            return
        }
        return nil
    }

    private static func holds(_ event: ClusterEvent, _ scope: Scope, for awaited: Awaited, _ lastSuccess: Timestamp) -> Bool {
        switch (scope, awaited) {
        case (.pod, .pod), (.volume, .volume): event.time > lastSuccess
        case (.creation, .readiness(let pod)): pod.isBeingMade && event.time > lastSuccess
        case (.unreadiness, .readiness(let pod)): pod.unreadySince.map { event.time.seconds >= $0.seconds } ?? true
        default: false
        }
    }

    private static func advice(_ reason: Condition.Reason, _ awaited: Awaited, _ event: ClusterEvent) -> String {
        switch (reason, awaited) {
        case (.nodeNotReady, .readiness(let pod)):
            let node = pod.node ?? ""
            return """
                 (node \(node), since \(event.time.text)). The pod may still run there, so it is not replaced. That ends when the node comes back. Only once \
                the node is surely off: kubectl taint node \(node) node.kubernetes.io/out-of-service=nodeshutdown:NoExecute
                """
        case (.accessDenied, _):
            return ". The server has another password than the Secret: put the one that works back into the Secret, then delete the pod"
        default: return ""
        }
    }
}
