import DBMMOMySQLAPI

/// What takes away everything that was made for a database, on both sides and in order: first what uses the data, then how it is reached, then the data.
struct Removal: Sendable {
    private(set) var actions: [Plan.Action] = []
    private(set) var status: DatabaseStatus?

    init(_ situation: Situation) {
        guard situation.hasFinalizer else { return }
        // kubectl delete --cascade=orphan: all that was made is to stay.
        guard !situation.finalizers.contains("orphan") else {
            actions = [.removeFinalizer]
            return
        }
        // The webhook refuses it; this one came while the webhook was away.
        if situation.database.spec.deletionProtection {
            let message = "spec.deletionProtection is true; nothing is deleted until it is false"
            status = StatusReport(situation).status(troubles: [(.deletionProtected, message)])
            return
        }
        let pods = ClusterRemoval(situation, stages: [[.statefulSet]])
        guard pods.isDone else {
            wait(pods, situation, nil)
            return
        }
        if situation.mayHaveServer || situation.database.side == .azure, situation.sight == nil, let id = situation.serverID {
            actions = [.look(id)]
            return
        }
        let azure = AzureRemoval(situation, situation.sight)
        guard azure.isDone else {
            actions = azure.work.actions
            let message = azure.work.progress.first?.message ?? "the server on Azure cannot be deleted yet"
            status = StatusReport(situation).deleting(message, troubles: azure.work.troubles, azure: azure.work.azure)
            return
        }
        let rest = ClusterRemoval(situation, stages: [[.clientService, .podService, .ingress, .configuration, .credentials], [.claim]])
        guard rest.isDone else {
            wait(rest, situation, azure.work.azure)
            return
        }
        actions = [.removeFinalizer]
    }

    private mutating func wait(_ removal: ClusterRemoval, _ situation: Situation, _ azure: AzureStatus?) {
        actions = removal.actions
        if let message = removal.progress.first?.message { status = StatusReport(situation).deleting(message, azure: azure) }
    }
}
