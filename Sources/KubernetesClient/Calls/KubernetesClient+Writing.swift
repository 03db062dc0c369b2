public import NIOCore
import JSON
import NIOHTTP1

/// How fields of an object are changed.
public struct ObjectPatch: Sendable {
    let contentType: String
    let body: ByteBuffer

    /// RFC 7386.
    public static func merge(_ body: ByteBuffer) -> ObjectPatch {
        ObjectPatch(contentType: "application/merge-patch+json", body: body)
    }

    /// RFC 6902.
    public static func json(_ body: ByteBuffer) -> ObjectPatch {
        ObjectPatch(contentType: "application/json-patch+json", body: body)
    }
}

/// What to delete, and what becomes of what it owns (metav1.DeleteOptions).
public struct DeleteOptions: Sendable {
    public enum Propagation: String, Sendable {
        case orphan = "Orphan"
        case background = "Background"
        case foreground = "Foreground"
    }

    /// Only the object of this uid.
    public var uid: String?
    /// Only while it is as it was.
    public var resourceVersion: String?
    /// Nil for what the type does by itself.
    public var propagation: Propagation?
    /// In seconds; nil for the object's own.
    public var gracePeriod: Int64?

    public init(uid: String? = nil, resourceVersion: String? = nil, propagation: Propagation? = nil, gracePeriod: Int64? = nil) {
        self.uid = uid
        self.resourceVersion = resourceVersion
        self.propagation = propagation
        self.gracePeriod = gracePeriod
    }

    var body: ByteBuffer {
        var writer = JSONWriter(capacity: 192)
        writer.beginObject()
        writer.member("apiVersion", "v1")
        writer.member("kind", "DeleteOptions")
        if uid != nil || resourceVersion != nil {
            writer.name("preconditions")
            writer.beginObject()
            for (name, value) in [("uid", uid), ("resourceVersion", resourceVersion)] {
                guard let value else { continue }
                writer.member(name, value)
            }
            writer.endObject()
        }
        if let propagation {
            writer.member("propagationPolicy", propagation.rawValue)
        }
        if let gracePeriod {
            writer.name("gracePeriodSeconds")
            writer.integer(gracePeriod)
        }
        writer.endObject()
        return writer.buffer
    }
}

extension KubernetesClient {
    /// Whose fields those are that we write (`metadata.managedFields`).
    public static let fieldManager = "dbmmo"

    /// Creates an object.
    ///
    /// - Parameters:
    ///   - namespace: Nil for types that are in none.
    ///   - object: The whole object as JSON.
    /// - Returns: The object as it is stored.
    /// - Throws: ``KubernetesError``; see ``KubernetesError/isAlreadyExists``.
    public func create(
        _ type: ResourceType, namespace: String?, _ object: ByteBuffer, within limit: Duration = defaultDeadline
    ) async throws(KubernetesError) -> KubernetesObject {
        try await write(.POST, type.collectionPath(namespace: namespace), "application/json", object, limit)
    }

    /// Has an object be as described, created if need be (server-side apply). Fields that we applied before and that are not described
    /// any more are removed.
    ///
    /// - Parameters:
    ///   - subresource: As `status`; nil for the object itself.
    ///   - object: What we want of the object, with its apiVersion, kind and name, as JSON.
    ///   - force: Whether fields that another manager owns become ours. Otherwise they are a conflict.
    /// - Returns: The object as it is stored.
    /// - Throws: ``KubernetesError``; see ``KubernetesError/isConflict``, whose causes name the fields and their managers.
    public func apply(
        _ type: ResourceType, _ key: ObjectKey, subresource: String? = nil, _ object: ByteBuffer, force: Bool = false,
        within limit: Duration = defaultDeadline
    ) async throws(KubernetesError) -> KubernetesObject {
        let force = (name: "force", value: force ? "true" : "false")
        // JSON is YAML.
        return try await write(.PATCH, type.path(of: key, subresource: subresource), "application/apply-patch+yaml", object, limit, [force])
    }

    /// Changes fields of an object.
    ///
    /// - Parameter subresource: As `status`; nil for the object itself.
    /// - Returns: The object as it is stored.
    public func patch(
        _ type: ResourceType, _ key: ObjectKey, subresource: String? = nil, _ patch: ObjectPatch, within limit: Duration = defaultDeadline
    ) async throws(KubernetesError) -> KubernetesObject {
        try await write(.PATCH, type.path(of: key, subresource: subresource), patch.contentType, patch.body, limit)
    }

    /// Replaces an object.
    ///
    /// - Parameters:
    ///   - subresource: As `status`; nil for the object itself.
    ///   - object: The whole object as JSON. When it has a resourceVersion, it must be that of the object.
    /// - Returns: The object as it is stored.
    /// - Throws: ``KubernetesError``; see ``KubernetesError/isConflict``.
    public func replace(
        _ type: ResourceType, _ key: ObjectKey, subresource: String? = nil, _ object: ByteBuffer, within limit: Duration = defaultDeadline
    ) async throws(KubernetesError) -> KubernetesObject {
        try await write(.PUT, type.path(of: key, subresource: subresource), "application/json", object, limit)
    }

    /// Deletes an object. With finalizers or a grace period it is there for some time yet.
    ///
    /// - Throws: ``KubernetesError``; see ``KubernetesError/isNotFound``, and ``KubernetesError/isConflict`` for preconditions that do
    ///   not hold.
    public func delete(
        _ type: ResourceType, _ key: ObjectKey, _ options: DeleteOptions = DeleteOptions(), within limit: Duration = defaultDeadline
    ) async throws(KubernetesError) {
        var request = APIRequest(.DELETE, type.path(of: key))
        request.body = APIRequest.Body(contentType: "application/json", bytes: options.body)
        _ = try await answer(to: request, within: limit)
    }

    private func write(
        _ method: HTTPMethod, _ path: String, _ contentType: String, _ body: ByteBuffer, _ limit: Duration,
        _ query: [(name: String, value: String)] = []
    ) async throws(KubernetesError) -> KubernetesObject {
        var request = APIRequest(method, path)
        request.query = [("fieldManager", Self.fieldManager)] + query
        request.body = APIRequest.Body(contentType: contentType, bytes: body)
        return try await object(request, within: limit)
    }
}
