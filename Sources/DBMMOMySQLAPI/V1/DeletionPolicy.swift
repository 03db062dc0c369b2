import JSON

/// What becomes of the data of a database when its object is deleted (`spec.deletionPolicy`).
public enum DeletionPolicy: String, Sendable, CaseIterable {
    /// It is deleted too.
    case delete = "Delete"
    /// The volume, the Secret with the password and the server stay.
    case retain = "Retain"

    /// Absent means `Delete`. A value that is no policy got past the webhooks, and must not cost data.
    init(_ json: JSONValue?) {
        guard let json, !json.isNull else {
            self = .delete
            return
        }
        self = json.string.flatMap(Self.init(rawValue:)) ?? .retain
    }
}
