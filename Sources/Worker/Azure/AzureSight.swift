import AzureMySQL
import HTTPCalls
import JSON

/// The password of the administrator, and which version of which Secret it is from.
struct AdministratorPassword: Sendable, Equatable {
    let text: Secret
    let version: String
}

/// What is known of the server on Azure, from one look.
struct AzureSight: Sendable {
    let id: ServerID
    /// Why nothing is known; then all of the rest is empty.
    var block: StatusReport.Remark?
    /// Nil when there is none.
    var server: Server?
    var rules: [FirewallRule] = []
    /// By name, in lower case.
    var parameters: [String: ServerParameter] = [:]
    /// What Azure goes on with, or what is waited for before the next write.
    var wait: StatusReport.Remark?
    /// What the last write of a kind failed with, until one of that kind succeeds; of any kind, where that was no fault of the write.
    var failures: [AzureChange.Kind: Failure] = [:]
    /// Whether there is surely no server: one that was asked for may be long in showing up.
    var isAbsenceCertain = false
    /// Whether none has been seen for so long that it may be deleted unseen.
    var isLongAbsent = false
    /// Why rules and parameters are not known.
    var insideTrouble: StatusReport.Remark?
    /// From the user's own Secret, if the spec names one.
    var password: AdministratorPassword?
    /// Why there is none.
    var passwordTrouble: StatusReport.Remark?

    init(_ id: ServerID) {
        self.id = id
    }

    struct Failure: Sendable {
        let remark: StatusReport.Remark
        /// Whether it lies so short back that nothing of that kind is tried yet.
        let isResting: Bool
    }

    /// Whether a change is not tried for now, since one of its kind has failed. It holds up no change of another kind.
    func rests(_ kind: AzureChange.Kind) -> Bool { [kind, .any].contains { failures[$0]?.isResting == true } }

    /// One that has still to come.
    ///
    /// - Parameter time: For how long it has been waited for.
    static func waiting(_ id: ServerID, for time: Duration) -> AzureSight {
        var sight = AzureSight(id)
        let minutes = time.components.seconds / 60
        let span = minutes == 0 ? "some time" : "\(minutes) min"
        sight.block = (.waitingForTurn, "Azure is asked about other databases first, since \(span)")
        return sight
    }

    /// What was seen before a write says nothing of how the server is after it.
    ///
    /// - Parameter mayBeDone: Whether Azure may have done it.
    mutating func wrote(_ change: AzureChange, mayBeDone: Bool) {
        guard mayBeDone, wait == nil else { return }
        wait = (.updating, "the server changes: \(change)")
    }
}

/// A write to Azure.
enum AzureChange: Sendable, Equatable {
    case create(NewServer)
    case change(ServerChanges)
    case setRule(FirewallRule)
    case deleteRule(String)
    /// By name; nil for the server's default.
    case setParameters([String: String?])
    case delete
}

extension AzureChange: CustomStringConvertible {
    /// For logs; holds no secret.
    var description: String {
        switch self {
        case .create: "create server"
        case .change(let changes): "change \(changes.names.joined(separator: ", "))"
        case .setRule(let rule): "set firewall rule \(rule.name)"
        case .deleteRule(let name): "delete firewall rule \(name)"
        case .setParameters(let values): "set \(values.keys.sorted().joined(separator: ", "))"
        case .delete: "delete server"
        }
    }
}

extension ServerChanges {
    /// What changes.
    var names: [String] {
        [
            tags.map { _ in "tags" }, sku.map { "sku to \($0.name)" }, storageGB.map { "storage to \($0) GB" },
            version.map { "version to \($0)" }, administratorPassword.map { _ in "password" }
        ].compactMap { $0 }
    }
}

extension AzureChange {
    /// What one call to Azure is about. Azure refuses a call as a whole, so each has one kind only.
    enum Kind: Sendable, Hashable {
        case creation, tags, password, sku, storage, version, parameters, deletion
        case rule(String)
        case any
    }

    var kind: Kind {
        switch self {
        case .create: .creation
        case .change(let changes):
            if changes.administratorPassword != nil {
                .password
            } else if changes.sku != nil {
                .sku
            } else if changes.storageGB != nil {
                .storage
            } else {
                changes.version == nil ? .tags : .version
            }
        case .setRule(let rule): .rule(rule.name.lowercased())
        case .deleteRule(let name): .rule(name.lowercased())
        case .setParameters: .parameters
        case .delete: .deletion
        }
    }
}
