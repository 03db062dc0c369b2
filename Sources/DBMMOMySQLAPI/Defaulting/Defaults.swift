import JSON

/// The defaults of the API reference, as a tree of what an object of `v1` should have and may lack.
struct Defaults {
    private(set) var tree = JSONTree.emptyObject

    private let new: DBMMOMySQL

    /// - Parameters:
    ///   - old: the object before an update; nil on creation.
    ///   - namespace: of the request, since an object may leave its own out.
    init(for new: DBMMOMySQL, replacing old: DBMMOMySQL?, namespace: String?) {
        self.new = new
        // An update that loses the deploymentType must not move the database.
        let side = new.spec.deploymentType == nil ? (old?.side ?? Side.whenAbsent) : new.side
        if let side { add(.string(side.rawValue), at: "deploymentType") }
        if old == nil { add(.string("8.4"), at: "version") }
        add(.integer(1), at: "replicas")
        if isAddedReference(["credentials", "passwordSecretRef"], since: old) {
            add(.string("MYSQL_ROOT_PASSWORD"), at: "credentials", "passwordSecretRef", "key")
        }
        if isAddedReference(["azure", "clientSecretRef"], since: old) {
            add(.string("AZURE_CLIENT_SECRET"), at: "azure", "clientSecretRef", "key")
        }
        switch side {
        case .onCluster where Self.bringsIntoUse(.onCluster, new: new, old: old): addOnCluster()
        case .azure where Self.bringsIntoUse(.azure, new: new, old: old): addAzure(namespace: namespace ?? new.metadata.namespace)
        default: break
        }
    }

    /// Whether this very write is the first to need a side. What exists already, and what a rollback returns to, stays as it is.
    private static func bringsIntoUse(_ side: Side, new: DBMMOMySQL, old: DBMMOMySQL?) -> Bool {
        guard let old else { return true }
        return old.side != side && !old.hasResources(on: side) && !old.status.isMigrationInProgress
    }

    private mutating func addOnCluster() {
        add(.string("20Gi"), at: "onCluster", "storage", "capacity")
        add(.array([.string("ReadWriteOnce")]), at: "onCluster", "storage", "accessModes")
        add(.boolean(false), at: "onCluster", "ingress", "enabled")
        add(.string("ClusterIP"), at: "onCluster", "service", "type")
    }

    private mutating func addAzure(namespace: String?) {
        add(.string("dbmmo_admin"), at: "credentials", "login")
        if let namespace, let name = new.metadata.name, Format.isServerName("\(namespace)-\(name)") {
            add(.string("\(namespace)-\(name)"), at: "azure", "serverName")
        }
        add(.string("ServicePrincipal"), at: "azure", "grantType")
        add(.string(Side.defaultCloud), at: "azure", "cloud")
        addSKU()
        add(.integer(20), at: "azure", "storageGB")
    }

    /// Name and tier belong together: a default for one must not contradict the other, which the user chose.
    private mutating func addSKU() {
        let given = new.json[path: ["spec", "azure", "sku"]]
        let (name, tier) = (given?["name"]?.string, given?["tier"]?.string)
        let choice =
            AzureSKU.all.first { sku in
                tier.map { $0 == sku.tier } ?? name.map { $0.hasPrefix(sku.family) } ?? (sku.tier == AzureSKU.smallest.tier)
            }
        guard let choice else { return }
        add(.string(choice.name), at: "azure", "sku", "name")
        add(.string(choice.tier), at: "azure", "sku", "tier")
    }

    private func isAddedReference(_ path: [String], since old: DBMMOMySQL?) -> Bool {
        new.json[path: ["spec"] + path]?.kind == .object && old?.json[path: ["spec"] + path] == nil
    }

    /// Adds a default unless the object says something there. A value of a wrong type on the way is left for the API server to
    /// refuse.
    private mutating func add(_ value: JSONTree, at path: String...) {
        var place: JSONValue? = new.json["spec"]
        for name in path {
            guard let container = place, !container.isNull else { break }
            guard container.kind == .object else { return }
            place = container[name]
        }
        if let place, !place.isNull, new.json[path: ["spec"] + path] != nil { return }
        tree.insert(value, at: ["spec"] + path)
    }
}

/// A size of server on Azure, the smallest of its tier.
private struct AzureSKU {
    let name: String
    let tier: String
    /// How the names of the tier's sizes begin.
    let family: String

    static let smallest = AzureSKU(name: "Standard_B1ms", tier: "Burstable", family: "Standard_B")
    static let all = [
        smallest,
        AzureSKU(name: "Standard_D2ds_v4", tier: "GeneralPurpose", family: "Standard_D"),
        AzureSKU(name: "Standard_E2ds_v4", tier: "MemoryOptimized", family: "Standard_E")
    ]
}
