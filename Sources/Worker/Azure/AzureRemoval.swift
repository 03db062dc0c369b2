import AzureMySQL
import DBMMOMySQLAPI

/// What takes away the server on Azure. It goes by what is there; what is not ours stays, and so does what the user wants to keep.
struct AzureRemoval: Sendable {
    private(set) var work: SideWork
    /// Whether nothing of ours is left, or what is left is to stay.
    private(set) var isDone = false

    init(_ situation: Situation, _ sight: AzureSight?) {
        work = SideWork(situation.lastReadiness)
        var status = situation.azureStatus
        status.state = .deleting
        guard situation.mayHaveServer, situation.database.spec.azure?.keepsResources != true else {
            isDone = true
            work.azure = .nothing
            return
        }
        guard let sight else {
            work.azure = situation.azureStatus
            work.troubles.append(
                (.identityChanged, "spec.azure no longer says how to sign in to Azure, where the server has to be deleted"))
            return
        }
        defer { work.azure = isDone ? .nothing : status }
        if let block = sight.block {
            work.troubles.append(block)
            return
        }
        if let server = sight.server, !situation.owner.owns(server) {
            isDone = true
            return
        }
        if let failure = sight.failure { work.troubles.append(failure) }
        if let wait = sight.wait { work.progress.append(wait) }
        guard let server = sight.server else {
            isDone = sight.isAbsenceCertain && sight.wait == nil
            if !isDone, work.progress.isEmpty {
                work.progress.append((.deleting, "a server \(sight.id.name) that was asked for may still show up on Azure"))
            }
            return
        }
        status.server = AzureStatus.ServerNote(server)
        guard sight.wait == nil else { return }
        work.progress.append((.deleting, "the server \(server.name) is being deleted on Azure"))
        if server.state != .dropping, !sight.isResting { work.actions.append(.azure(.delete)) }
    }
}
