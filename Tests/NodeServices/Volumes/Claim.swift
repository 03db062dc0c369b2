import JSON
import KubernetesAPI
import KubernetesClient

/// A PersistentVolumeClaim, as far as it matters here.
struct Claim: Sendable {
    /// The conditions that tell of growth.
    enum Condition: String, CaseIterable {
        case resizing = "Resizing"
        case fileSystemResizePending = "FileSystemResizePending"
    }

    let object: KubernetesObject
    let storageClass: String
    /// The size that is asked for.
    let request: String
    /// The size that it has; nil while it has no volume.
    let capacity: String?
    let volume: String?
    /// Where the scheduler wants its pod.
    let selectedNode: String?
    let phase: String
    let isBeingDeleted: Bool
    let conditions: Set<Condition>
    let accessModes: JSONValue?
    /// Something in it that cannot be done, for people.
    let fault: String?

    /// Nil for a claim without a class or a size.
    ///
    /// - Throws: `JSONParseError`.
    init?(_ object: KubernetesObject) throws {
        let json = try object.json()
        guard let spec = json["spec"], let storageClass = spec["storageClassName"]?.string,
            let request = spec[path: ["resources", "requests", "storage"]]?.string
        else { return nil }
        self.object = object
        self.storageClass = storageClass
        self.request = request
        capacity = json[path: ["status", "capacity", "storage"]]?.string
        volume = spec["volumeName"]?.string
        selectedNode = json[path: ["metadata", "annotations", "volume.kubernetes.io/selected-node"]]?.string
        phase = json[path: ["status", "phase"]]?.string ?? "Pending"
        isBeingDeleted = json[path: ["metadata", "deletionTimestamp"]] != nil
        conditions = Set(
            (json[path: ["status", "conditions"]]?.elements ?? []).compactMap { $0["type"]?.string.flatMap(Condition.init(rawValue:)) })
        accessModes = spec["accessModes"]
        fault =
            if spec["volumeMode"]?.string == "Block" {
                "block volumes are not supported"
            } else if spec["selector"] != nil {
                "claim.Spec.Selector is not supported for dynamic provisioning on PVC"
            } else if spec["dataSource"].map({ !$0.isNull }) ?? false {
                "volumes from a dataSource are not supported"
            } else {
                nil
            }
    }

    /// The name of the volume that is made for it.
    var volumeName: String { "pvc-\(object.uid)" }

    // MARK: What to do

    enum Work: Equatable {
        case nothing
        case provision
        /// The volume of that name has to become larger.
        case grow(volume: String)
        /// It has what it asks for: what its status tells of growth is out of date.
        case settle
    }

    /// - Throws: `QuantityError`.
    func work(of storageClass: VolumeClass, on node: String) throws -> Work {
        guard !isBeingDeleted else { return .nothing }
        guard let volume else {
            let isOurTurn = phase == "Pending" && (storageClass.bindsImmediately || selectedNode == node)
            return isOurTurn ? .provision : .nothing
        }
        guard phase == "Bound", let capacity else { return .nothing }
        if try Quantity(capacity) < Quantity(request) { return .grow(volume: volume) }
        return conditions.isEmpty ? .nothing : .settle
    }
}
