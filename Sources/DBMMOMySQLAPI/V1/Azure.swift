import JSON

extension DBMMOMySQL {
    /// `spec.azure`
    public struct Azure: Sendable {
        public let serverName: String?
        public let subscriptionID: String?
        public let tenantID: String?
        public let clientID: String?
        public let clientSecret: String?
        public let clientSecretRef: SecretReference?
        public let resourceGroup: String?
        public let location: String?
        public let grantType: String?
        public let usesDeviceFlow: Bool
        public let cloud: String?
        public let authorizationServerURL: String?
        public let endpoints: [(name: String, value: String)]
        /// Added to what the calls of Azure say of who calls.
        public let userAgent: String?
        /// Whether the server stays when the object goes or moves away.
        public let keepsResources: Bool
        public let skuName: String?
        public let skuTier: String?
        public let storageGB: Int64?
        public let firewallRules: [FirewallRule]
        /// Server parameters by name.
        public let parameters: [(name: String, value: String)]

        init?(_ json: JSONValue) {
            guard json.kind == .object else { return nil }
            serverName = json["serverName"]?.string
            subscriptionID = json["subscriptionID"]?.string
            tenantID = json["tenantID"]?.string
            clientID = json["clientID"]?.string
            clientSecret = json["clientSecret"]?.string
            clientSecretRef = json["clientSecretRef"].flatMap(SecretReference.init)
            resourceGroup = json["resourceGroup"]?.string
            location = json["location"]?.string
            grantType = json["grantType"]?.string
            usesDeviceFlow = json["useDeviceFlow"]?.boolean ?? false
            cloud = json["cloud"]?.string
            authorizationServerURL = json["authorizationServerURL"]?.string
            endpoints = Self.texts(json["endpoints"])
            userAgent = json["userAgent"]?.string
            keepsResources = json["keepResources"]?.boolean ?? false
            skuName = json["sku"]?["name"]?.string
            skuTier = json["sku"]?["tier"]?.string
            storageGB = json["storageGB"]?.integer
            firewallRules = json["firewallRules"]?.elements.map(FirewallRule.init) ?? []
            parameters = Self.texts(json["parameters"])
        }

        private static func texts(_ map: JSONValue?) -> [(name: String, value: String)] {
            map?.members.compactMap { name, value in value.string.map { (name, $0) } } ?? []
        }

        /// `firewallRules[]`: the addresses from the first to the last may connect.
        public struct FirewallRule: Sendable {
            public let name: String?
            public let startIP: String?
            public let endIP: String?

            init(_ json: JSONValue) {
                name = json["name"]?.string
                startIP = json["startIP"]?.string
                endIP = json["endIP"]?.string
            }
        }
    }
}
