import JSON
import KubernetesAPI

/// What the caches hold for one DBMMOMySQL.
struct Observed: Sendable {
    /// What carries our label and has the name of a part.
    var objects: [Part: JSONValue] = [:]
    /// The pods with the labels of the database.
    var pods: [JSONValue] = []
    /// Of the Service for clients.
    var endpoints: JSONValue?

    subscript(part: Part) -> JSONValue? { objects[part] }
}

/// What is read of a StatefulSet.
struct StatefulSetState: Sendable {
    let uid: String
    let replicas: Int64
    let readyReplicas: Int64
    /// Whether its controller has seen its latest spec.
    let isObserved: Bool
    /// The revision that new pods get.
    let updateRevision: String?
    let image: String?
    /// The version of MySQL that its pods are made for.
    let version: String?
    /// Hashes of what the user decides of its pods, and of their template.
    let (settings, templateHash): (String?, String?)
    /// The size that its claims would be made with.
    let capacity: Quantity?

    init(_ json: JSONValue) {
        uid = json["metadata"]?["uid"]?.string ?? ""
        let (spec, status) = (json["spec"], json["status"])
        replicas = spec?["replicas"]?.integer ?? 1
        readyReplicas = status?["readyReplicas"]?.integer ?? 0
        isObserved = (status?["observedGeneration"]?.integer ?? 0) >= (json["metadata"]?["generation"]?.integer ?? 0)
        updateRevision = status?["updateRevision"]?.string
        let template = spec?["template"]
        image =
            template?["spec"]?["containers"]?.elements.first { $0["name"]?.isString(DesiredObjects.container) == true }?["image"]?.string
        let annotations = template?["metadata"]?["annotations"]
        version = annotations?[DesiredObjects.versionAnnotation]?.string
        settings = annotations?[DesiredObjects.settingsAnnotation]?.string
        templateHash = annotations?[DesiredObjects.templateAnnotation]?.string
        capacity = spec?["volumeClaimTemplates"]?.elements.first?[path: ["spec", "resources", "requests", "storage"]]?.quantity
    }

    /// Whether a pod goes on though it is not made from the present template: another release of dbmmo made it, the user has decided the same, and it does
    /// not fail. An upgrade of dbmmo restarts no database; the pod gets the new template when it starts next.
    func keeps(_ pod: PodState) -> Bool {
        guard let settings, let templateHash, let podTemplate = pod.templateHash, pod.trouble == nil else { return false }
        return pod.settings == settings && podTemplate != templateHash
    }
}

/// What is read of a pod.
struct PodState: Sendable {
    let name: String
    let uid: String
    let isBeingDeleted: Bool
    let isReady: Bool
    let revision: String?
    /// The version of MySQL that it was made for.
    let version: String?
    /// Hashes of what the user had decided of it, and of the template that it was made from.
    let (settings, templateHash): (String?, String?)
    /// The series of the server in it, by its own word; nil when it is not known.
    let serverVersion: String?
    /// Why a container of it does not run, as `ImagePullBackOff`.
    let waitingReason: String?
    let trouble: PodTrouble?
    /// Since when it has not been ready; nil when it is, or when nothing was told of that yet.
    let unreadySince: Timestamp?
    /// Whether the kubelet makes its containers: each of them waits for that.
    let isBeingMade: Bool
    let node: String?

    init(_ json: JSONValue) {
        let (metadata, status) = (json["metadata"], json["status"])
        trouble = PodTrouble(json)
        name = metadata?["name"]?.string ?? ""
        uid = metadata?["uid"]?.string ?? ""
        isBeingDeleted = metadata?["deletionTimestamp"]?.string != nil
        let readiness = status?["conditions"]?.elements.first { $0["type"]?.string == "Ready" }
        isReady = readiness?["status"]?.string == "True"
        unreadySince = isReady ? nil : readiness?["lastTransitionTime"]?.string.flatMap(Timestamp.init)
        node = json[path: ["spec", "nodeName"]]?.string
        revision = metadata?["labels"]?["controller-revision-hash"]?.string
        let annotations = metadata?["annotations"]
        version = annotations?[DesiredObjects.versionAnnotation]?.string
        settings = annotations?[DesiredObjects.settingsAnnotation]?.string
        templateHash = annotations?[DesiredObjects.templateAnnotation]?.string
        let containers = ["initContainerStatuses", "containerStatuses"].flatMap { status?[$0]?.elements ?? [] }
        serverVersion = Initialization.serverVersion(in: status)
        isBeingMade = containers.allSatisfy {
            ["ContainerCreating", "PodInitializing"].contains($0[path: ["state", "waiting", "reason"]]?.string)
        }
        // The server waits for the container that makes its database, which is no reason of its own.
        waitingReason =
            containers.compactMap { $0[path: ["state", "waiting", "reason"]]?.string }.first { $0 != "PodInitializing" }
            ?? status?["conditions"]?.elements.first { $0["type"]?.string == "PodScheduled" && $0["status"]?.string == "False" }?["reason"]?
            .string
    }
}

/// What is read of a PersistentVolumeClaim.
struct ClaimState: Sendable {
    let uid: String
    let isBound: Bool
    let phase: String
    /// What is asked for, and what there is.
    let request: Quantity?
    let capacity: Quantity?
    /// Whether the volume has grown and its file system has not yet.
    let waitsForFileSystem: Bool
    /// What the resizing last failed with.
    let resizeFailure: String?

    init(_ json: JSONValue) {
        let status = json["status"]
        uid = json["metadata"]?["uid"]?.string ?? ""
        phase = status?["phase"]?.string ?? "Pending"
        isBound = phase == "Bound"
        request = json[path: ["spec", "resources", "requests", "storage"]]?.quantity
        capacity = status?[path: ["capacity", "storage"]]?.quantity
        let conditions = status?["conditions"]?.elements.filter { $0["status"]?.string == "True" } ?? []
        waitsForFileSystem = conditions.contains { $0["type"]?.string == "FileSystemResizePending" }
        resizeFailure = conditions.first { $0["type"]?.string?.hasSuffix("ResizeError") == true }?["message"]?.string
    }
}

extension JSONValue {
    /// A quantity, which may be written as a string or a number.
    var quantity: Quantity? { (string ?? (kind == .number ? spelling : nil)).flatMap { try? Quantity($0) } }
}
