/// How an object differs from what was known of it.
public enum ObjectChange: Sendable, Equatable {
    case added(KubernetesObject)
    case updated(old: KubernetesObject, new: KubernetesObject)
    /// The object as it was known at last.
    case deleted(KubernetesObject)

    /// The object now, or as it was known at last.
    public var object: KubernetesObject {
        switch self {
        case .added(let object), .updated(_, let object), .deleted(let object): object
        }
    }
}
