import JSON
import KubernetesAPI
import NIOCore

/// What a lease says about who leads (coordination.k8s.io/v1 LeaseSpec).
struct LeaseRecord: Sendable, Equatable {
    /// Empty when nobody leads.
    var holder: String
    /// In seconds. How long others must see no change before they may take over.
    var duration: Int64
    var acquired: Timestamp?
    var renewed: Timestamp?
    var transitions: Int64

    /// Reads a lease; what is missing or odd counts as nobody's.
    init(reading object: JSONValue) {
        let spec = object["spec"]
        holder = spec?["holderIdentity"]?.string ?? ""
        duration = spec?["leaseDurationSeconds"]?.integer ?? 0
        acquired = spec?["acquireTime"]?.string.flatMap(Timestamp.init)
        renewed = spec?["renewTime"]?.string.flatMap(Timestamp.init)
        transitions = spec?["leaseTransitions"]?.integer ?? 0
    }

    init(holder: String, duration: Int64, acquired: Timestamp?, renewed: Timestamp?, transitions: Int64) {
        self.holder = holder
        self.duration = duration
        self.acquired = acquired
        self.renewed = renewed
        self.transitions = transitions
    }

    /// A lease with this record.
    ///
    /// - Parameter resourceVersion: What the lease must be at now; nil for one that is created.
    func object(_ key: ObjectKey, resourceVersion: String?) -> ByteBuffer {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("apiVersion", "coordination.k8s.io/v1")
        writer.member("kind", "Lease")
        writer.name("metadata")
        writer.beginObject()
        writer.member("namespace", key.namespace)
        writer.member("name", key.name)
        writer.member("resourceVersion", resourceVersion)
        writer.endObject()
        writer.name("spec")
        writer.beginObject()
        writer.member("holderIdentity", holder)
        writer.name("leaseDurationSeconds")
        writer.integer(duration)
        writer.member("acquireTime", acquired?.microText)
        writer.member("renewTime", renewed?.microText)
        writer.name("leaseTransitions")
        writer.integer(transitions)
        writer.endObject()
        writer.endObject()
        return writer.buffer
    }
}
