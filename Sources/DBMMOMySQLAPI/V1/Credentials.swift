import JSON

extension DBMMOMySQL {
    /// `spec.credentials`
    public struct Credentials: Sendable {
        public let login: String?
        public let password: String?
        public let passwordSecretRef: SecretReference?

        init?(_ json: JSONValue) {
            guard json.kind == .object else { return nil }
            login = json["login"]?.string
            password = json["password"]?.string
            passwordSecretRef = json["passwordSecretRef"].flatMap(SecretReference.init)
        }
    }

    /// A key of a Secret in the object's namespace.
    public struct SecretReference: Sendable {
        public let name: String?
        public let key: String?

        init?(_ json: JSONValue) {
            guard json.kind == .object else { return nil }
            name = json["name"]?.string
            key = json["key"]?.string
        }
    }
}
