public import JSON

/// A `DBMMOMySQL` read for the rules, whatever version it was written in.
///
/// Reading never fails: a value of another type than the schema's counts as absent here (the API server checks types before it
/// asks), and the text stays at hand in ``json``.
public struct DBMMOMySQL: Sendable {
    /// The object as it reads in `v1`. Of the metadata only the name is sure to be there.
    public let json: JSONValue
    public let metadata: Metadata
    public let spec: Spec
    public let status: Status
    /// The annotation that conversion reads, as the object has it.
    let conversionData: JSONValue?

    /// - Throws: `ConversionError` when the value is not a `DBMMOMySQL` of a served version.
    public init(_ object: JSONValue) throws(ConversionError) {
        json = try Conversion.v1Form(of: object)
        metadata = Metadata(object["metadata"])
        spec = Spec(json["spec"])
        status = Status(json["status"])
        conversionData = object[path: Self.keptPath]
    }

    /// Whether an update leaves the spec exactly as it is spelt, and what is kept of it in the metadata: then it reads the same in every
    /// version, and neither object need be read to know so. Most updates are such: of labels, of the status.
    ///
    /// - Throws: `ConversionError` when a value is not a `DBMMOMySQL` of a served version.
    public static func haveSameSpelling(of old: JSONValue, _ new: JSONValue) throws(ConversionError) -> Bool {
        guard try Conversion.version(of: old) == Conversion.version(of: new) else { return false }
        return isSameSpelling(old["spec"], new["spec"]) && isSameSpelling(old[path: keptPath], new[path: keptPath])
    }

    private static let keptPath = ["metadata", "annotations", ServedVersion.conversionDataAnnotation]

    private static func isSameSpelling(_ one: JSONValue?, _ other: JSONValue?) -> Bool {
        switch (one, other) {
        case (nil, nil): true
        case (let one?, let other?): one.isSpelt(as: other)
        default: false
        }
    }

    /// Whether both ask for the same, apart from order and spelling.
    func hasSameSpec(as other: DBMMOMySQL) -> Bool {
        switch (json["spec"], other.json["spec"]) {
        case (nil, nil): true
        case (let mine?, let others?): mine.isEquivalent(to: others)
        default: false
        }
    }

    /// Whether both have the same text in the annotation.
    func hasSameConversionData(as other: DBMMOMySQL) -> Bool {
        switch (conversionData, other.conversionData) {
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
        public let version: String?
        public let replicas: Int64?
        public let deletionProtection: Bool
        public let deletionPolicy: DeletionPolicy
        public let credentials: Credentials?
        public let onCluster: OnCluster?
        public let azure: Azure?
        /// `migration.confirm`
        public let isMigrationConfirmed: Bool

        init(_ json: JSONValue?) {
            deploymentType = json?["deploymentType"]?.string
            version = json?["version"]?.string
            replicas = json?["replicas"]?.integer
            deletionProtection = json?["deletionProtection"]?.boolean ?? false
            deletionPolicy = DeletionPolicy(json?["deletionPolicy"])
            credentials = json?["credentials"].flatMap(Credentials.init)
            onCluster = json?["onCluster"].flatMap(OnCluster.init)
            azure = json?["azure"].flatMap(Azure.init)
            isMigrationConfirmed = json?["migration"]?["confirm"]?.boolean ?? false
        }
    }

    public struct Status: Sendable {
        /// The version of MySQL that was ready last.
        public let version: String?
        public let pods: [String]
        public let persistentVolumeClaims: [String]
        /// How large the volume is.
        public let capacity: String?
        public let isAzureServerCreated: Bool
        public let azureState: String?
        /// The Resource Manager ID of the server that exists, or that is to be made.
        public let azureServerID: String?
        public let isMigrationInProgress: Bool
        /// The side that the migration in progress leaves, where the worker noted it.
        public let migrationSource: String?
        public let migrationStep: MigrationStep?

        init(_ json: JSONValue?) {
            let onCluster = json?["onCluster"]
            version = json?["version"]?.string
            capacity = onCluster?["capacity"]?.string
            pods = onCluster?["pods"]?.elements.compactMap(\.string) ?? []
            persistentVolumeClaims = onCluster?["persistentVolumeClaims"]?.elements.compactMap(\.string) ?? []
            let azure = json?["azure"]
            isAzureServerCreated = azure?["created"]?.boolean ?? false
            azureState = azure?["state"]?.string
            azureServerID = azure?["server"]?["id"]?.string
            let migration = json?["migration"]
            isMigrationInProgress = migration?["inProgress"]?.boolean ?? false
            migrationSource = migration?["from"]?.string
            migrationStep = migration?["step"]?.string.flatMap(MigrationStep.init)
        }
    }
}
