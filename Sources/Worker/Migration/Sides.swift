import AzureMySQL
import DBMMOMySQLAPI
import JSON

/// What there is to do on either side, whichever the database is on.
struct Sides: Sendable {
    private let situation: Situation
    private let newPassword: @Sendable () -> String

    init(_ situation: Situation, newPassword: @escaping @Sendable () -> String) {
        self.situation = situation
        self.newPassword = newPassword
    }

    // MARK: Being there

    /// Makes a side what the spec says.
    ///
    /// - Parameter servesClients: Whether clients are led there too.
    func provision(_ side: Side, servesClients: Bool) -> SideWork {
        switch side {
        case .onCluster:
            let provision = Provision(
                situation, parts: servesClients ? Set(Part.allCases) : Part.database.union([.credentials]), newPassword: newPassword)
            var work = ClusterSide(situation).work(servesClients: servesClients)
            work.actions = provision.actions
            work.troubles = provision.troubles + work.troubles
            work.progress = provision.progress + work.progress
            return work
        case .azure:
            var work = azure
            // Before clients can find it, the status says that it is whole: from then on it may hold data.
            let serves: Set<Part> = servesClients && serverHost != nil && situation.azureStatus.created ? [.clientService] : []
            work.take(cluster(serves.union([.credentials])))
            return work
        }
    }

    private var azure: SideWork {
        guard let settings = AzureSettings(situation.database), let sight = situation.sight else {
            var work = SideWork(situation.lastReadiness)
            work.isBlind = true
            work.troubles = [(.invalidSpec, "spec.azure does not say which server")]
            return work
        }
        if situation.mayHaveServer, !situation.azureStatus.created, sight.id != settings.id { return abandonment }
        return AzureProvision(situation, settings, sight).work
    }

    /// What takes away a server that was asked for, never was whole, and is no longer wanted.
    var abandonment: SideWork {
        let removal = AzureRemoval(situation, situation.sight)
        var work = removal.work
        work.mustTellFirst = removal.isDone
        return work
    }

    /// What is told of a side that is left as it is.
    func reading(_ side: Side) -> SideWork {
        var work: SideWork
        switch side {
        case .onCluster: work = ClusterSide(situation).work()
        case .azure: work = azure
        }
        (work.actions, work.progress, work.mustTellFirst) = ([], [], false)
        return work
    }

    // MARK: Leading clients

    /// Keeps the Service for clients leading to a side.
    func service(leadingTo side: Side) -> SideWork {
        guard side == .onCluster || serverHost != nil else { return SideWork(situation.lastReadiness) }
        return cluster([.clientService], leadsToAzure: side == .azure)
    }

    func serviceLeads(to side: Side) -> Bool {
        guard let service = situation.owned(.clientService), !situation.isBeingDeleted(.clientService) else { return false }
        let host = service["spec"]?["externalName"]?.string
        return side == .azure ? host != nil && host == serverHost : host == nil
    }

    /// Whether clients have a database on that side already: whatever is on the other one too, theirs is not there.
    func isHome(_ side: Side) -> Bool {
        let isThere = side == .azure ? situation.azureStatus.created : situation.owned(.statefulSet) != nil
        return isThere && serviceLeads(to: side)
    }

    func leftOver(on side: Side) -> StatusReport.Remark {
        let parts = Part.allCases.filter { Part.database.contains($0) && situation.owned($0) != nil }.map { $0.title(for: situation.name) }
        let titles = side == .onCluster ? parts.joined(separator: ", ") : situation.azureStatus.server?.id ?? "a server"
        return (.leftOver, "on \(side.rawValue) there is \(titles), which clients do not use; it is left alone. Remove it")
    }

    private func cluster(_ parts: Set<Part>, leadsToAzure: Bool = true) -> SideWork {
        let provision = Provision(situation, parts: parts, serverHost: leadsToAzure ? serverHost : nil, newPassword: newPassword)
        var work = SideWork(situation.lastReadiness)
        work.actions = provision.actions
        work.troubles = provision.troubles
        return work
    }

    private var serverHost: String? {
        guard let server = situation.sight?.server, situation.owner.owns(server) else { return nil }
        return server.host
    }

    // MARK: Leaving

    /// Takes a side away, but for what the other one needs too.
    func removal(of side: Side) -> (work: SideWork, isDone: Bool) {
        switch side {
        case .azure:
            let removal = AzureRemoval(situation, situation.sight)
            return (removal.work, removal.isDone)
        case .onCluster:
            let removal = ClusterRemoval(situation, stages: ClusterRemoval.database)
            var work = SideWork(situation.lastReadiness)
            work.actions = removal.actions
            work.progress = removal.progress
            return (work, removal.isDone)
        }
    }
}

extension Part {
    /// What runs MySQL and holds its data, and is of no use elsewhere.
    static let database: Set<Part> = [.configuration, .claim, .podService, .statefulSet]
}
