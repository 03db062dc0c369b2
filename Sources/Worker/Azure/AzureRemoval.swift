import AzureMySQL
import DBMMOMySQLAPI

/// What takes away the server on Azure. It goes by what is there; what is not ours stays, and so does what the user wants to keep.
struct AzureRemoval: Sendable {
    private(set) var work: SideWork
    /// Whether nothing of ours is left, or what is left is to stay.
    private(set) var isDone = false

    private let situation: Situation
    private var status: AzureStatus

    init(_ situation: Situation, _ sight: AzureSight?) {
        self.situation = situation
        work = SideWork(situation.lastReadiness)
        status = situation.azureStatus
        status.state = .deleting
        remove(sight)
        work.azure = isDone ? .nothing : status
    }

    private mutating func remove(_ sight: AzureSight?) {
        let isOurs = sight?.server.map(situation.owner.owns)
        guard situation.database.spec.azure?.keepsResources != true, situation.mayHaveServer || isOurs == true else {
            isDone = true
            return
        }
        guard let sight else {
            status = situation.azureStatus
            work.troubles.append(
                (.identityChanged, "spec.azure no longer says how to sign in to Azure, where the server has to be deleted"))
            return
        }
        if let block = sight.block { return work.tell((block.reason, block.message + Self.wayOut)) }
        work.troubles += sight.failures.values.map(\.remark).sorted { $0.message < $1.message }
        if let wait = sight.wait { work.progress.append(wait) }
        guard let server = sight.server else { return makeSure(sight) }
        guard isOurs == true else { return leaveAlone(server) }
        status.server = AzureStatus.ServerNote(server)
        guard sight.wait == nil else { return }
        work.progress.append((.deleting, "the server \(server.name) is being deleted on Azure"))
        if server.state != .dropping, !sight.rests(.deletion) { work.actions.append(.azure(.delete)) }
    }

    private static let wayOut = ". Mend that, or set spec.azure.keepResources to true to let the server stay"

    /// There is none to be seen. One that was asked for may be long in showing up; so it is deleted unseen, and what Azure says of that counts.
    private mutating func makeSure(_ sight: AzureSight) {
        isDone = sight.isAbsenceCertain && sight.wait == nil
        guard !isDone, sight.wait == nil else { return }
        work.progress.append((.deleting, "a server \(sight.id.name) that was asked for may still show up on Azure"))
        if sight.isLongAbsent, !sight.rests(.deletion) { work.actions.append(.azure(.delete)) }
    }

    /// One that was ours is not forgotten because somebody took its tag away.
    private mutating func leaveAlone(_ server: Server) {
        guard situation.azureStatus.created else {
            isDone = true
            return
        }
        let message = "the server \(server.id) has lost the tag \(AzureSettings.uidTag) with the uid of this DBMMOMySQL, and is not deleted"
        work.troubles.append((.nameConflict, message + Self.wayOut))
    }
}
