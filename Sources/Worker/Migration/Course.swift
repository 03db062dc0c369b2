import AzureMySQL
import DBMMOMySQLAPI

/// Which side the database is on, and how it gets to the other one: the migration as a state machine.
///
/// Each step is written down before what it allows is done, on the condition that the object has not changed meanwhile: what a user asks for and what is
/// done can never pass each other by. docs/migration.md has the table of the steps, and what always holds.
struct Course: Sendable {
    private(set) var actions: [Plan.Action] = []
    private(set) var status: DatabaseStatus?
    private(set) var isCheckpoint = false

    private let situation: Situation
    private let sides: Sides

    init(_ situation: Situation, newPassword: @escaping @Sendable () -> String) {
        self.situation = situation
        sides = Sides(situation, newPassword: newPassword)
        let side = situation.database.side ?? .whenAbsent
        if side == .azure || situation.mayHaveServer, situation.sight == nil, let id = situation.serverID {
            actions = [.look(id)]
        } else if let record = situation.migration {
            follow(record, to: side)
        } else if side == .onCluster, situation.mayHaveServer, !situation.azureStatus.created {
            var work = sides.provision(side, servesClients: true)
            work.take(sides.abandonment)
            tell(work, nil)
        } else if situation.isOccupied(side.other), sides.isHome(side) {
            var work = sides.provision(side, servesClients: true)
            work.troubles.append(sides.leftOver(on: side.other))
            tell(work, nil)
        } else if situation.isOccupied(side.other) {
            write(MigrationRecord(from: side.other), sides.reading(side.other))
        } else {
            tell(sides.provision(side, servesClients: true), nil)
        }
    }

    private mutating func follow(_ record: MigrationRecord, to side: Side) {
        switch record.step {
        case .rollingBack: rollBack(record)
        case .provisioningTarget, .targetReady, .awaitingConfirmation:
            if side == record.source {
                write(record.at(.rollingBack), sides.reading(record.source))
            } else {
                prepare(record)
            }
        case .switchingOver: switchOver(record)
        case .removingSource: removeSource(record)
        }
    }

    // MARK: Steps

    /// Until it is confirmed, the source is not touched, and clients are led there.
    private mutating func prepare(_ record: MigrationRecord) {
        let target = sides.provision(record.target, servesClients: false)
        var work = sides.reading(record.source)
        work.take(target)
        work.take(sides.service(leadingTo: record.source))
        let isConfirmed = situation.database.spec.isMigrationConfirmed
        switch record.step {
        case .provisioningTarget where target.isSettled && !isConfirmed: return write(record.at(.targetReady), work)
        case .provisioningTarget where isConfirmed:
            work.troubles.append(
                (
                    .leftoverConfirmation,
                    "spec.migration.confirm was true before there was anything to confirm; set it to false, and to true once status says TargetReady"
                ))
        case .targetReady where !isConfirmed: return write(record.at(.awaitingConfirmation), work)
        case .targetReady, .awaitingConfirmation:
            if isConfirmed, target.isSettled { return write(record.at(.switchingOver), work) }
        default: break
        }
        tell(work, record, waitsForTarget: !target.isSettled)
    }

    private mutating func switchOver(_ record: MigrationRecord) {
        var work = sides.provision(record.target, servesClients: false)
        let isReady = work.isSettled
        if isReady {
            work = sides.provision(record.target, servesClients: true)
            if work.actions.isEmpty, work.troubles.isEmpty, sides.serviceLeads(to: record.target) {
                return write(record.at(.removingSource), work)
            }
        }
        tell(work, record, waitsForTarget: !isReady)
    }

    /// Whatever becomes of the target, the source goes only as long as the target works.
    private mutating func removeSource(_ record: MigrationRecord) {
        var work = sides.provision(record.target, servesClients: true)
        guard work.isResting else { return tell(work, record, waitsForTarget: true) }
        let removal = sides.removal(of: record.source)
        work.take(removal.work)
        if record.source == .azure { work.azure = removal.work.azure }
        if removal.isDone { write(nil, work) } else { tell(work, record) }
    }

    private mutating func rollBack(_ record: MigrationRecord) {
        let removal = sides.removal(of: record.target)
        var work = sides.reading(record.source)
        work.take(removal.work)
        if record.target == .azure { work.azure = removal.work.azure }
        work.take(sides.service(leadingTo: record.source))
        if removal.isDone { write(nil, work) } else { tell(work, record) }
    }

    // MARK: Results

    /// Says what comes next, before anything of it is done.
    private mutating func write(_ record: MigrationRecord?, _ work: SideWork) {
        var work = work
        (work.actions, work.progress) = ([], [])
        tell(work, record)
        isCheckpoint = true
    }

    private mutating func tell(_ work: SideWork, _ record: MigrationRecord?, waitsForTarget: Bool = false) {
        var record = record
        record?.describe(waitsForTarget: waitsForTarget)
        actions = work.actions
        isCheckpoint = work.mustTellFirst && actions.isEmpty
        status = StatusReport(situation).status(of: work, migration: record)
    }
}

extension Situation {
    var migration: MigrationRecord? { MigrationRecord(of: database) }
}

extension MigrationRecord {
    /// - Parameter waitsForTarget: Whether the target has to be ready before anything else happens.
    fileprivate mutating func describe(waitsForTarget: Bool) {
        let (from, to) = (source.rawValue, target.rawValue)
        let target = waitsForTarget ? "\(to) is not ready; nothing else happens until it is" : ""
        message =
            switch step {
            case .provisioningTarget: "the database is made on \(to); clients use \(from)"
            case .targetReady, .awaitingConfirmation:
                waitsForTarget
                    ? target
                    : "\(to) is ready. Copy the data, then set spec.migration.confirm to true to switch over, or spec.deploymentType to \(from) to call it off"
            case .switchingOver: waitsForTarget ? target : "clients are led to \(to)"
            case .removingSource: waitsForTarget ? target : "clients use \(to); \(from) is being removed"
            case .rollingBack: "the migration was called off; \(to) is being removed, clients use \(from)"
            }
    }
}
