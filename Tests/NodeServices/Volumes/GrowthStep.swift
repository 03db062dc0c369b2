import KubernetesAPI
import JSON

/// What to do next for a claim that asks for more than it has.
enum GrowthStep: Equatable {
    /// The volume and its file system grow, and the claim is told.
    case finish
    /// The volume has grown; the file system does so later. `in` is nil when it never does.
    case wait(in: Duration?)
    /// The storage refuses.
    case refuse

    /// - Parameter elapsed: Since the growth was first seen.
    init(_ growth: VolumeClass.Growth, elapsed: Duration) {
        switch growth {
        case .immediate: self = .finish
        case .infeasible: self = .refuse
        case .late(nil): self = .wait(in: nil)
        case .late(let delay?): self = elapsed < delay ? .wait(in: delay - elapsed) : .finish
        }
    }
}

/// What a claim's status says of its growth, as merge patches.
enum GrowthStatus {
    static func condition(_ condition: Claim.Condition, at time: Timestamp) -> JSONTree {
        let message: JSONTree? =
            switch condition {
            case .resizing: nil
            case .fileSystemResizePending: "Waiting for user to (re-)start a pod to finish file system resize of volume on node."
            }
        return [
            "conditions": [
                ["type": .string(condition.rawValue), "status": "True", "lastTransitionTime": .string(time.text), "message": message]
            ]
        ]
    }

    static func finished(_ size: String) -> JSONTree { ["capacity": ["storage": .string(size)], "conditions": .null] }

    static let settled: JSONTree = ["conditions": .null]

    /// What the event of a resizer says whose CSI driver fails.
    ///
    /// - Parameter code: Of gRPC.
    static func failure(volume: String, _ code: String, _ reason: String) -> String {
        "resize volume \"\(volume)\" by resizer \"\(VolumeClass.provisioner)\" failed: rpc error: code = \(code) desc = \(reason)"
    }
}
