import JSON
import KubernetesAPI
import NIOCore

/// What a watch tells (metav1.WatchEvent).
enum WatchEvent: Sendable, Equatable {
    case added(KubernetesObject)
    case modified(KubernetesObject)
    /// The object as it was at last.
    case deleted(KubernetesObject)
    /// Everything up to this resourceVersion has been told.
    case bookmark(resourceVersion: String)
    /// The watch cannot go on.
    case failure(Status)

    /// A line that is no event of a watch.
    struct Malformed: Error, Equatable {
        let reason: String
    }

    init(line: ByteBuffer) throws(Malformed) {
        guard let event = try? JSONDocument(parsing: line).root, let object = event["object"], let type = event["type"]?.string else {
            throw Malformed(reason: "an event that is not JSON, or without a type and an object")
        }
        switch type {
        case "ADDED": self = .added(try Self.object(object))
        case "MODIFIED": self = .modified(try Self.object(object))
        case "DELETED": self = .deleted(try Self.object(object))
        case "BOOKMARK":
            guard let version = object["metadata"]?["resourceVersion"]?.string else {
                throw Malformed(reason: "a bookmark without a version")
            }
            self = .bookmark(resourceVersion: version)
        case "ERROR": self = .failure(Status(object) ?? .failure(code: 500, "the watch failed"))
        default: throw Malformed(reason: "an event of an unknown type")
        }
    }

    private static func object(_ value: JSONValue) throws(Malformed) -> KubernetesObject {
        guard let object = KubernetesObject(copying: value) else { throw Malformed(reason: "an object without a name") }
        return object
    }

    /// From where a watch goes on after this event.
    var resourceVersion: String? {
        switch self {
        case .added(let object), .modified(let object), .deleted(let object): object.resourceVersion
        case .bookmark(let version): version
        case .failure: nil
        }
    }
}
