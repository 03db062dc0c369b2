import JSON
import KubernetesClient

/// How fast a volume may be written.
struct WriteLimit: Sendable, Equatable {
    var bytesPerSecond: UInt64?
    var writesPerSecond: UInt64?

    private static let names = (bytes: "writeBytesPerSecond", writes: "writesPerSecond")

    /// Reads it from the parameters of a StorageClass; nil when they tell of none.
    ///
    /// - Throws: ``VolumeClass/Fault``.
    init?(parameter: (String) -> String?) throws(VolumeClass.Fault) {
        func number(_ name: String) throws(VolumeClass.Fault) -> UInt64? {
            guard let text = parameter(name) else { return nil }
            guard let number = UInt64(text), number > 0 else {
                throw VolumeClass.Fault("parameter \(name): \(text) is no positive number")
            }
            return number
        }
        bytesPerSecond = try number(Self.names.bytes)
        writesPerSecond = try number(Self.names.writes)
        if bytesPerSecond == nil, writesPerSecond == nil { return nil }
    }

    /// As parameters again.
    var parameters: [(name: String, value: String)] {
        [(Self.names.bytes, bytesPerSecond), (Self.names.writes, writesPerSecond)].compactMap { name, value in
            value.map { (name, "\($0)") }
        }
    }
}

/// A StorageClass of this provisioner, as far as it matters here.
struct VolumeClass: Sendable, Equatable {
    /// Something in a StorageClass that cannot be done.
    struct Fault: Error, Equatable, CustomStringConvertible {
        let description: String

        init(_ description: String) { self.description = description }
    }

    /// What happens when a claim asks for more.
    enum Growth: Sendable, Equatable {
        case immediate
        /// The file system follows the volume so much later; nil: never.
        case late(Duration?)
        /// The storage refuses.
        case infeasible
    }

    /// Who makes the volumes.
    static let provisioner = "local.node.dbmmo.test"

    let name: String
    /// Whether volumes are made before a pod needs them.
    let bindsImmediately: Bool
    /// `Delete` or `Retain`.
    let reclaimPolicy: String
    let growth: Growth
    /// Whether volumes have a file system of their own, of the claim's size.
    let isSized: Bool
    /// Nil for the one that the machine can do.
    let fileSystem: FileSystem?
    let writeLimit: WriteLimit?

    /// Nil for a class of another provisioner.
    ///
    /// - Throws: ``Fault``, or `JSONParseError`.
    init?(_ object: KubernetesObject) throws {
        let json = try object.json()
        guard json["provisioner"]?.string == Self.provisioner else { return nil }
        let parameters = json["parameters"]
        func parameter(_ name: String) -> String? { parameters?[name]?.string }
        name = object.key.name
        bindsImmediately = json["volumeBindingMode"]?.string == "Immediate"
        reclaimPolicy = json["reclaimPolicy"]?.string ?? "Delete"
        growth = try Self.growth(parameter)
        fileSystem = try parameter("csi.storage.k8s.io/fstype").map { text throws(Fault) in
            guard let fileSystem = FileSystem(rawValue: text) else {
                throw Fault("parameter csi.storage.k8s.io/fstype: \(text) is unknown")
            }
            return fileSystem
        }
        writeLimit = try WriteLimit(parameter: parameter)
        switch parameter("sized") {
        case "true"?: isSized = true
        case nil, "false"?: isSized = false
        case let text?: throw Fault("parameter sized: \(text) is neither true nor false")
        }
        guard isSized || writeLimit == nil else { throw Fault("a write limit needs the parameter sized: true") }
    }

    private static func growth(_ parameter: (String) -> String?) throws(Fault) -> Growth {
        switch parameter("growth") {
        case nil, "immediate"?: return .immediate
        case "infeasible"?: return .infeasible
        case "late"?:
            let text = parameter("growthDelay") ?? "0s"
            if text == "never" { return .late(nil) }
            guard text.hasSuffix("s"), let seconds = Double(text.dropLast()), (0...86400).contains(seconds) else {
                throw Fault("parameter growthDelay: \(text) is neither seconds, such as 3s, nor never")
            }
            return .late(.seconds(seconds))
        case let text?: throw Fault("parameter growth: \(text) is none of immediate, late, infeasible")
        }
    }
}
