import JSON

extension DBMMOMySQL {
    /// `spec.onCluster`
    public struct OnCluster: Sendable {
        public let image: String?
        /// A quantity as it is written; a plain number is its digits.
        public let capacity: String?
        public let storageClassName: String?
        public let accessModes: [String]?
        public let volumeMode: String?
        public let environmentSources: [EnvironmentSource]
        public let resources: Resources
        public let isIngressEnabled: Bool
        public let ingressHost: String?

        init?(_ json: JSONValue) {
            guard json.kind == .object else { return nil }
            image = json["image"]?.string
            let storage = json["storage"]
            capacity = storage?["capacity"].flatMap(Self.quantity)
            storageClassName = storage?["storageClassName"]?.string
            accessModes = storage?["accessModes"].flatMap { $0.kind == .array ? $0.elements.compactMap(\.string) : nil }
            volumeMode = storage?["volumeMode"]?.string
            environmentSources = json["envFrom"]?.elements.map(EnvironmentSource.init) ?? []
            resources = Resources(json["resources"])
            isIngressEnabled = json["ingress"]?["enabled"]?.boolean ?? false
            ingressHost = json["ingress"]?["host"]?.string
        }

        /// A quantity may be written as a string or as a number.
        private static func quantity(_ json: JSONValue) -> String? {
            json.string ?? (json.kind == .number ? json.spelling : nil)
        }

        /// `envFrom[]` (core/v1 EnvFromSource)
        public struct EnvironmentSource: Sendable {
            public let prefix: String?
            public let configMapName: String?
            public let secretName: String?
            public let hasConfigMap: Bool
            public let hasSecret: Bool

            init(_ json: JSONValue) {
                prefix = json["prefix"]?.string
                configMapName = json["configMapRef"]?["name"]?.string
                secretName = json["secretRef"]?["name"]?.string
                hasConfigMap = json["configMapRef"]?.kind == .object
                hasSecret = json["secretRef"]?.kind == .object
            }
        }

        /// `resources` (core/v1 ResourceRequirements), each quantity as it is written.
        public struct Resources: Sendable {
            public let limits: [(name: String, quantity: String)]
            public let requests: [(name: String, quantity: String)]

            init(_ json: JSONValue?) {
                limits = Self.quantities(json?["limits"])
                requests = Self.quantities(json?["requests"])
            }

            private static func quantities(_ json: JSONValue?) -> [(name: String, quantity: String)] {
                (json?.members ?? []).compactMap { name, value in OnCluster.quantity(value).map { (name, $0) } }
            }
        }
    }
}
