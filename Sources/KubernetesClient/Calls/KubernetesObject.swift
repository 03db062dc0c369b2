public import JSON
public import NIOCore

/// An object of the API server, as its own bytes. What identifies it is read; the rest is parsed each time it is asked for, so that an
/// object that is kept takes no more memory than its text.
public struct KubernetesObject: Sendable, Equatable, CustomStringConvertible {
    public let key: ObjectKey
    public let uid: String
    /// Changes with each change of the object. It is compared for equality only.
    public let resourceVersion: String
    /// The object as JSON.
    public let bytes: ByteBuffer

    /// The object, parsed from its bytes.
    public func json() throws(JSONParseError) -> JSONValue { try JSONDocument(parsing: bytes).root }

    /// Takes an object out of a larger text, of which nothing is kept.
    ///
    /// Nil when it has no name, as no object of an API server.
    public init?(copying value: JSONValue) {
        guard let metadata = value["metadata"], let name = metadata["name"]?.string else { return nil }
        key = ObjectKey(namespace: metadata["namespace"]?.string ?? "", name: name)
        uid = metadata["uid"]?.string ?? ""
        resourceVersion = metadata["resourceVersion"]?.string ?? ""
        bytes = ByteBuffer(bytes: value.text.readableBytesView)
    }

    /// The key alone: an object's text may hold secrets.
    public var description: String { "\(key)" }
}
