public import JSON
public import NIOCore

extension Status {
    /// The status as the body of an HTTP answer.
    public var body: ByteBuffer {
        var writer = JSONWriter()
        writer.status(self)
        return writer.buffer
    }
}

extension JSONWriter {
    public mutating func status(_ status: Status) {
        beginObject()
        member("kind", "Status")
        member("apiVersion", "v1")
        name("metadata")
        beginObject()
        endObject()
        member("status", "Failure")
        member("message", status.message)
        member("reason", status.reason?.rawValue)
        if let details = status.details {
            name("details")
            self.details(details)
        }
        name("code")
        integer(Int64(status.code))
        endObject()
    }

    private mutating func details(_ details: Status.Details) {
        beginObject()
        member("name", details.name)
        member("group", details.group)
        member("kind", details.kind)
        member("uid", details.uid)
        if !details.causes.isEmpty {
            name("causes")
            beginArray()
            for cause in details.causes {
                beginObject()
                member("reason", cause.reason)
                member("message", cause.message)
                member("field", cause.field)
                endObject()
            }
            endArray()
        }
        endObject()
    }

    /// A member that is left out when it is empty, as everywhere in a Status.
    private mutating func member(_ memberName: String, _ value: String?) {
        guard let value, !value.isEmpty else { return }
        name(memberName)
        string(value)
    }
}
