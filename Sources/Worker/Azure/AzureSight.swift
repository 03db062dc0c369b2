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
    /// Why the last write failed, until one succeeds.
    var failure: StatusReport.Remark?
    /// Whether the failure lies so short back that nothing is tried yet.
    var isResting = false
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
