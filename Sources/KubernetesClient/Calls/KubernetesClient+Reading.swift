public import KubernetesAPI
import JSON
import NIOHTTP1

/// Which objects of a type are meant.
public struct ObjectSelection: Sendable, Hashable {
    /// Nil for all namespaces.
    public var namespace: String?
    /// As `app.kubernetes.io/managed-by=dbmmo`; nil for all.
    public var labelSelector: String?
    /// As `metadata.name=orders`; nil for all.
    public var fieldSelector: String?

    public init(namespace: String? = nil, labelSelector: String? = nil, fieldSelector: String? = nil) {
        self.namespace = namespace
        self.labelSelector = labelSelector
        self.fieldSelector = fieldSelector
    }
}

/// All objects of a selection, at one moment.
public struct ObjectList: Sendable {
    public let items: [KubernetesObject]
    /// Where a watch goes on from.
    public let resourceVersion: String
}

extension KubernetesClient {
    /// How many objects a page of a list has.
    public static let pageSize = 500

    /// How often a list is begun anew because its pages expired.
    private static let listAttempts = 3

    /// Reads an object.
    ///
    /// - Throws: ``KubernetesError``; see ``KubernetesError/isNotFound``.
    public func get(
        _ type: ResourceType, _ key: ObjectKey, within limit: Duration = defaultDeadline
    ) async throws(KubernetesError) -> KubernetesObject {
        try await object(APIRequest(.GET, type.path(of: key)), within: limit)
    }

    /// Reads all objects of a selection, page by page, as they were when the first page was read.
    ///
    /// When the pages expire meanwhile (410), it is begun anew.
    /// - Parameters:
    ///   - pageSize: How many objects are asked for at once.
    ///   - limit: For each page.
    public func list(
        _ type: ResourceType, _ selection: ObjectSelection = ObjectSelection(), pageSize: Int = pageSize,
        within limit: Duration = defaultDeadline
    ) async throws(KubernetesError) -> ObjectList {
        var attempt = 1
        while true {
            do throws(KubernetesError) {
                return try await listOnce(type, selection, pageSize, limit)
            } catch {
                guard error.isExpired, attempt < Self.listAttempts else { throw error }
                attempt += 1
            }
        }
    }

    private func listOnce(
        _ type: ResourceType, _ selection: ObjectSelection, _ pageSize: Int, _ limit: Duration
    ) async throws(KubernetesError) -> ObjectList {
        var items: [KubernetesObject] = []
        var next: String?
        while true {
            var request = APIRequest(.GET, type.collectionPath(namespace: selection.namespace))
            request.select(selection)
            request.ask("limit", String(pageSize))
            request.ask("continue", next)
            let page = try Self.json(try await answer(to: request, within: limit), of: request)
            guard let resourceVersion = page["metadata"]?["resourceVersion"]?.string else {
                throw KubernetesError(.malformedAnswer("a list without a resourceVersion"), call: request.title)
            }
            for item in page["items"]?.elements ?? [] {
                guard let object = KubernetesObject(copying: item) else {
                    throw KubernetesError(.malformedAnswer("an object without a name"), call: request.title)
                }
                items.append(object)
            }
            guard let token = page["metadata"]?["continue"]?.string, !token.isEmpty else {
                return ObjectList(items: items, resourceVersion: resourceVersion)
            }
            next = token
        }
    }

    /// What the API server serves in a version of a group.
    ///
    /// - Returns: Nil when it does not serve that version.
    public func resources(
        of version: APIVersion, within limit: Duration = defaultDeadline
    ) async throws(KubernetesError) -> [ResourceType]? {
        let request = APIRequest(.GET, APIPath.root(of: version))
        let answer: APIAnswer
        do throws(KubernetesError) {
            answer = try await self.answer(to: request, within: limit)
        } catch {
            guard error.isNotFound else { throw error }
            return nil
        }
        return try Self.json(answer, of: request)["resources"]?.elements.compactMap { resource in
            guard let name = resource["name"]?.string, let kind = resource["kind"]?.string else { return nil }
            return ResourceType(
                group: version.group, version: version.version, resource: name, kind: kind,
                isNamespaced: resource["namespaced"]?.boolean ?? false)
        } ?? []
    }

    /// Whether the API server serves a type.
    public func serves(_ type: ResourceType, within limit: Duration = defaultDeadline) async throws(KubernetesError) -> Bool {
        try await resources(of: type.apiVersion, within: limit)?.contains { $0.resource == type.resource } ?? false
    }
}

extension APIRequest {
    mutating func select(_ selection: ObjectSelection) {
        ask("labelSelector", selection.labelSelector)
        ask("fieldSelector", selection.fieldSelector)
    }
}
