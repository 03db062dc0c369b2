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
        filled("kind", "Status")
        filled("apiVersion", "v1")
        name("metadata")
        beginObject()
        endObject()
        filled("status", "Failure")
        filled("message", status.message)
        filled("reason", status.reason?.rawValue)
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
        filled("name", details.name)
        filled("group", details.group)
        filled("kind", details.kind)
        filled("uid", details.uid)
        if !details.causes.isEmpty {
            name("causes")
            beginArray()
            for cause in details.causes {
                beginObject()
                filled("reason", cause.reason)
                filled("message", cause.message)
                filled("field", cause.field)
                endObject()
            }
            endArray()
        }
        endObject()
    }

    /// A member that is left out when it is empty, as everywhere in a Status.
    private mutating func filled(_ memberName: String, _ value: String?) {
        guard let value, !value.isEmpty else { return }
        name(memberName)
        string(value)
    }
}
