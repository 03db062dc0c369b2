public import JSON

/// A `DBMMOMySQL` read for the rules, whatever version it was written in.
///
/// Reading never fails: a value of another type than the schema's counts as absent here (the API server checks types before it
/// asks), and the text stays at hand in ``json``.
public struct DBMMOMySQL: Sendable {
    /// The object as it reads in `v1`.
    public let json: JSONValue
    public let metadata: Metadata
    public let spec: Spec
    public let status: Status

    /// - Throws: `ConversionError` when the value is not a `DBMMOMySQL` of a served version.
    public init(_ object: JSONValue) throws(ConversionError) {
        json = try Conversion.v1Form(of: object)
        metadata = Metadata(json["metadata"])
        spec = Spec(json["spec"])
        status = Status(json["status"])
    }

    /// Whether both ask for the same, apart from order and spelling.
    func hasSameSpec(as other: DBMMOMySQL) -> Bool {
        switch (json["spec"], other.json["spec"]) {
        case (nil, nil): true
        case (let mine?, let others?): mine.isEquivalent(to: others)
        default: false
        }
    }

    public struct Metadata: Sendable {
        public let name: String?
        public let namespace: String?
        public let isBeingDeleted: Bool

        init(_ json: JSONValue?) {
            name = json?["name"]?.string
            namespace = json?["namespace"]?.string
            isBeingDeleted = json?["deletionTimestamp"]?.isNull == false
        }
    }

    public struct Spec: Sendable {
        public let deploymentType: String?
        public let replicas: Int64?
        public let deletionProtection: Bool
        public let onCluster: OnCluster?
        public let azure: Azure?
        /// `migration.confirm`
        public let isMigrationConfirmed: Bool

        init(_ json: JSONValue?) {
            deploymentType = json?["deploymentType"]?.string
            replicas = json?["replicas"]?.integer
            deletionProtection = json?["deletionProtection"]?.boolean ?? false
            onCluster = json?["onCluster"].flatMap(OnCluster.init)
            azure = json?["azure"].flatMap(Azure.init)
            isMigrationConfirmed = json?["migration"]?["confirm"]?.boolean ?? false
        }
    }

    public struct OnCluster: Sendable {
        /// A quantity as it is written; a plain number is its digits.
        public let capacity: String?
        public let storageClassName: String?
        public let accessModes: [String]?
        public let volumeMode: String?

        init?(_ json: JSONValue) {
            guard json.kind == .object else { return nil }
            let storage = json["storage"]
            capacity = storage?["capacity"].flatMap { $0.string ?? ($0.kind == .number ? $0.spelling : nil) }
            storageClassName = storage?["storageClassName"]?.string
            accessModes = storage?["accessModes"].flatMap { $0.kind == .array ? $0.elements.compactMap(\.string) : nil }
            volumeMode = storage?["volumeMode"]?.string
        }
    }

    public struct Azure: Sendable {
        public let serverName: String?
        public let subscriptionID: String?
        public let tenantID: String?
        public let clientID: String?
        public let clientSecret: String?
        public let hasClientSecretRef: Bool
        public let resourceGroup: String?
        public let location: String?
        public let grantType: String?
        public let usesDeviceFlow: Bool
        public let cloud: String?

        init?(_ json: JSONValue) {
            guard json.kind == .object else { return nil }
            serverName = json["serverName"]?.string
            subscriptionID = json["subscriptionID"]?.string
            tenantID = json["tenantID"]?.string
            clientID = json["clientID"]?.string
            clientSecret = json["clientSecret"]?.string
            hasClientSecretRef = json["clientSecretRef"]?.kind == .object
            resourceGroup = json["resourceGroup"]?.string
            location = json["location"]?.string
            grantType = json["grantType"]?.string
            usesDeviceFlow = json["useDeviceFlow"]?.boolean ?? false
            cloud = json["cloud"]?.string
        }
    }

    public struct Status: Sendable {
        public let pods: [String]
        public let persistentVolumeClaims: [String]
        public let isAzureServerCreated: Bool
        public let azureState: String?
        public let isMigrationInProgress: Bool
        /// The side that the migration in progress leaves, where the worker noted it.
        public let migrationSource: String?

        init(_ json: JSONValue?) {
            let onCluster = json?["onCluster"]
            pods = onCluster?["pods"]?.elements.compactMap(\.string) ?? []
            persistentVolumeClaims = onCluster?["persistentVolumeClaims"]?.elements.compactMap(\.string) ?? []
            let azure = json?["azure"]
            isAzureServerCreated = azure?["created"]?.boolean ?? false
            azureState = azure?["state"]?.string
            let migration = json?["migration"]
            isMigrationInProgress = migration?["inProgress"]?.boolean ?? false
            migrationSource = migration?["from"]?.string
        }
    }
}
