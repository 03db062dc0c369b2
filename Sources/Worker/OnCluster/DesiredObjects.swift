import DBMMOMySQLAPI
import JSON
import KubernetesClient

/// An object as we want it.
struct DesiredObject: Sendable {
    let part: Part
    let key: ObjectKey
    /// What it is created with: all of it, so that nothing ever runs with half of its settings.
    let created: JSONTree
    /// What is applied to it: its fields but for those that cannot change.
    let applied: JSONTree
    /// Fields that may have to go later. They are moved from the POST that created the object to our applies before the first of these.
    var removable: [FieldOwnership.Path] = []
    /// Whether its spec is put in place as a whole where it is of another kind than what is there: nothing could be merged then.
    var replaced: Replacement?

    /// A member of the spec that says of which kind it is.
    struct Replacement: Sendable {
        let member: String
        /// The value that goes with no other.
        let value: String
    }
}

/// What a database on the cluster consists of.
struct DesiredObjects: Sendable {
    static let container = "mysql"
    static let port: Int64 = 3306

    /// A hash of what was applied last, so that a field that is no longer wanted is noticed too.
    static let appliedAnnotation = "\(ServedVersion.group)/applied"
    /// On pods: the version of MySQL that they are made for.
    static let versionAnnotation = "\(ServedVersion.group)/mysql-version"
    /// On pods: a hash of the configuration that they start with.
    static let configurationAnnotation = "\(ServedVersion.group)/configuration"
    /// On pods: a hash of what the user decides of them.
    static let settingsAnnotation = "\(ServedVersion.group)/settings"
    /// On pods: a hash of the template that they are made from.
    static let templateAnnotation = "\(ServedVersion.group)/template"

    let settings: Settings
    /// Where the Service for clients leads, when that is a server elsewhere.
    var serverHost: String?

    private var owner: Owner { settings.owner }

    /// What a part should be; nil when there is to be none.
    ///
    /// - Parameter newPassword: Makes one up; called only for a Secret that is to be made.
    func object(_ part: Part, newPassword: () -> String) -> DesiredObject? {
        switch part {
        case .credentials: credentials(newPassword)
        case .configuration: whole(part, ["data": ["dbmmo.cnf": .string(configuration)]])
        case .claim: claim
        case .podService: whole(part, ["spec": podServiceSpec])
        case .clientService: clientService
        case .statefulSet: statefulSet
        case .ingress: settings.isIngressEnabled ? ingress : nil
        }
    }

    // MARK: Parts

    private func credentials(_ newPassword: () -> String) -> DesiredObject? {
        let password: String
        switch settings.password {
        case .reference: return nil
        case .given(let text): password = text
        case .generated: password = newPassword()
        }
        // Its content is never applied: whoever changes the password changes the Secret too.
        return object(.credentials, isOwned: false, created: ["type": "Opaque", "stringData": [Settings.passwordKey: .string(password)]])
    }

    /// No host names are looked up for clients, and InnoDB uses the memory that the pod may take; everything else is what the image and MySQL do by
    /// themselves.
    private var configuration: String {
        """
        # Made by dbmmo for the DBMMOMySQL \(owner.key). Changes here are undone.
        [mysqld]
        skip-name-resolve
        \(bufferPool.map { "innodb-buffer-pool-size = \($0)M\n" } ?? "")
        """
    }

    /// In MiB; nil where MySQL's own 128 are as good. Three quarters of what is left beside the server itself, which takes some 400, and a reserve for
    /// connections and temporary tables.
    private var bufferPool: UInt64? {
        guard let limit = settings.memoryLimit, limit > 800 else { return nil }
        return (limit - 600) / 4 * 3
    }

    /// It is made before the StatefulSet, whose controller would take any claim of that name, also one with somebody else's data.
    private var claim: DesiredObject {
        object(.claim, isOwned: false, created: ["spec": claimSpec(capacity: settings.capacity)])
    }

    private func claimSpec(capacity: String) -> JSONTree {
        [
            "accessModes": .array(settings.accessModes.map { .string($0) }),
            "resources": ["requests": ["storage": .string(capacity)]],
            "storageClassName": settings.storageClassName.map { .string($0) },
            "volumeMode": settings.volumeMode.map { .string($0) }
        ]
    }

    private var servicePorts: JSONTree { [["name": "mysql", "port": 3306, "protocol": "TCP", "targetPort": 3306]] }

    private var podServiceSpec: JSONTree {
        ["clusterIP": "None", "publishNotReadyAddresses": true, "selector": owner.selector, "ports": servicePorts]
    }

    /// Its name never changes, wherever the database is: elsewhere it is an alias of the server's.
    private var clientService: DesiredObject {
        var service = serverHost.map(alias) ?? selectingService
        service.replaced = DesiredObject.Replacement(member: "type", value: "ExternalName")
        return service
    }

    private func alias(of host: String) -> DesiredObject {
        whole(.clientService, ["spec": ["type": "ExternalName", "externalName": .string(host), "ports": servicePorts]])
    }

    private var selectingService: DesiredObject {
        let spec: JSONTree = ["type": .string(settings.serviceType), "selector": owner.selector, "ports": servicePorts]
        let annotations = settings.serviceAnnotations.map { JSONTree.Member(name: $0.name, value: .string($0.value)) }
        return object(
            .clientService, created: ["spec": spec], applied: ["spec": spec], annotations: annotations,
            removable: [["f:metadata", "f:annotations", "*"]], isComplete: annotations.isEmpty)
    }

    private var ingress: DesiredObject {
        let service: JSONTree = [
            "service": ["name": .string(Part.clientService.name(for: owner.key.name)), "port": ["number": 3306]]
        ]
        let path: JSONTree = ["path": "/", "pathType": "Prefix", "backend": service]
        let rules: JSONTree = [["host": settings.ingressHost.map { .string($0) }, "http": ["paths": [path]]]]
        let className = settings.ingressClassName.map { JSONTree.string($0) }
        let spec: JSONTree = ["spec": ["ingressClassName": className, "rules": rules]]
        return object(.ingress, created: spec, applied: spec, removable: [["f:spec", "f:ingressClassName"]], isComplete: className == nil)
    }

    private var statefulSet: DesiredObject {
        let template = PodTemplate(settings, configuration: configuration).tree
        let claimTemplate: JSONTree = [
            "metadata": ["name": "data", "labels": owner.labels, "annotations": [Owner.uidAnnotation: .string(owner.uid)]],
            "spec": claimSpec(capacity: settings.capacity)
        ]
        let applied: JSONTree = [
            "replicas": .integer(settings.replicas), "updateStrategy": ["type": "OnDelete"], "template": template
        ]
        var created: JSONTree = [
            "serviceName": .string(Part.podService.name(for: owner.key.name)), "selector": ["matchLabels": owner.selector],
            "volumeClaimTemplates": [claimTemplate]
        ]
        created.merge(applied)
        let podSpec: FieldOwnership.Path = ["f:spec", "f:template", "f:spec"]
        let containers = [
            podSpec + ["f:containers", #"k:{"name":"\#(Self.container)"}"#],
            podSpec + ["f:initContainers", #"k:{"name":"\#(Initialization.container)"}"#]
        ]
        return object(
            .statefulSet, created: ["spec": created], applied: ["spec": applied],
            removable: containers.flatMap { [$0 + ["f:resources"], $0 + ["f:envFrom"]] },
            isComplete: settings.environmentSources == nil && settings.resources == nil)
    }

    // MARK: Making

    /// A part that is created with all that it ever has.
    private func whole(_ part: Part, _ content: JSONTree) -> DesiredObject {
        object(part, created: content, applied: content)
    }

    /// - Parameters:
    ///   - isOwned: Whether it goes when its owner goes.
    ///   - created, applied: What it has besides apiVersion, kind and metadata.
    ///   - annotations: Besides ours.
    ///   - removable: What of it may have to go later.
    ///   - isComplete: Whether there is nothing removable in it, so that it needs no apply after its creation.
    private func object(
        _ part: Part, isOwned: Bool = true, created: JSONTree, applied: JSONTree = .emptyObject, annotations: [JSONTree.Member] = [],
        removable: [FieldOwnership.Path] = [], isComplete: Bool = true
    ) -> DesiredObject {
        func whole(_ content: JSONTree, _ annotations: [JSONTree.Member]) -> JSONTree {
            var object: JSONTree = [
                "apiVersion": .string("\(part.type.apiVersion)"), "kind": .string(part.type.kind),
                "metadata": [
                    "namespace": .string(owner.key.namespace), "name": .string(part.name(for: owner.key.name)), "labels": owner.labels,
                    "annotations": .object(annotations), "ownerReferences": isOwned ? [owner.reference] : nil
                ]
            ]
            object.merge(content)
            return object
        }
        var created = created
        if settings.isProtected, DataProtection.parts.contains(part) {
            created.insert([.string(DataProtection.finalizer)], at: ["metadata", "finalizers"])
        }
        let uid = JSONTree.Member(name: Owner.uidAnnotation, value: .string(owner.uid))
        var wanted = whole(applied, annotations + [uid])
        let hash = JSONTree.Member(name: Self.appliedAnnotation, value: .string(ContentHash.text(of: wanted)))
        wanted = whole(applied, annotations + [uid, hash])
        return DesiredObject(
            part: part, key: part.key(for: owner.key), created: whole(created, annotations + (isComplete ? [uid, hash] : [uid])),
            applied: wanted, removable: removable)
    }
}
