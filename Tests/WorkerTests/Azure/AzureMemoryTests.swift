import AzureMySQL
import DBMMOMySQLAPI
import HTTPCalls
import JSON
import Testing

@testable import Worker

@Suite("what is remembered of a server")
struct AzureMemoryTests {
    private static let operation = AzureOperation(kind: .status, url: "https://management.azure.com/o", pause: .seconds(7))
    private static func error(_ cause: AzureError.Cause, _ retryAfter: Duration? = nil) -> AzureError {
        AzureError(cause, call: "PATCH /server", retryAfter: retryAfter)
    }
    private static let busy = error(.status(409, code: "ServerIsBusy", message: "busy"))
    private static let down = error(.status(500, code: "Down", message: "down"))

    private let start = ContinuousClock.now
    private let change = AzureChange.setParameters(["a": "1"])

    /// A look at some server, or at none.
    private func look(_ memory: inout AzureMemory, after time: Duration, state: Server.State? = .ready) throws -> AzureSight {
        let situation = try MigrationWorld(on: .azure).cluster.situation
        var sight = AzureSight(try #require(situation.serverID))
        sight.server = state.map { state in
            var server = Server(id: "\(sight.id)", name: "s", type: "t", location: "l", tags: [:])
            server.state = state
            return server
        }
        memory.forgetPast(generation: 1, at: start + time)
        memory.saw(sight.server, at: start + time)
        memory.complete(&sight, situation, at: start + time)
        return sight
    }

    @Test("an operation is waited for, and looked at when Azure says")
    func running() throws {
        var memory = AzureMemory(AzureOptions())
        memory.accepted(change, Self.operation, generation: 1, at: start)
        #expect(try look(&memory, after: .seconds(1)).wait?.reason == .updating)
        #expect(memory.nextLook == start + .seconds(7))
        memory.saw(.succeeded, generation: 1, at: start + .seconds(7))
        #expect(try look(&memory, after: .seconds(7)).wait == nil)
        #expect(memory.nextLook == start + .seconds(7) + AzureOptions().interval)
    }

    @Test("failures in a row are further and further apart; another spec is tried at once, and a success ends them")
    func failures() throws {
        var memory = AzureMemory(AzureOptions())
        var pauses: [Duration] = []
        for _ in 0..<10 {
            memory.refused(change, Self.down, generation: 1, at: start)
            pauses.append(try #require(memory.failures[.any]).retryAt - start)
        }
        #expect(pauses.prefix(4) == [.seconds(2), .seconds(4), .seconds(8), .seconds(16)] && pauses.last == .seconds(300))
        #expect(try look(&memory, after: .seconds(1)).rests(.parameters))
        #expect(try !look(&memory, after: .seconds(301)).rests(.parameters))
        memory.forgetPast(generation: 2, at: start + .seconds(1))
        #expect(memory.failures.isEmpty)
        memory.refused(change, Self.error(.status(500, code: "Down", message: "down"), .seconds(60)), generation: 1, at: start)
        #expect(memory.failures[.any]?.retryAt == start + .seconds(60))
        memory.accepted(change, nil, generation: 1, at: start + .seconds(60))
        #expect(memory.failures.isEmpty)
    }

    @Test("what Azure refuses of one kind holds up no other; an Azure that does not answer holds up all")
    func kinds() throws {
        var memory = AzureMemory(AzureOptions())
        memory.refused(change, Self.error(.status(400, code: "Invalid", message: "no")), generation: 1, at: start)
        var sight = try look(&memory, after: .seconds(1))
        #expect(sight.rests(.parameters))
        #expect(!sight.rests(.sku))
        #expect(!sight.rests(.rule("office")))
        memory.accepted(.setRule(FirewallRule(name: "office", startIP: "1.2.3.4", endIP: "1.2.3.4")), nil, generation: 1, at: start)
        sight = try look(&memory, after: .seconds(1))
        #expect(sight.rests(.parameters))
        memory.refused(.deleteRule("office"), Self.down, generation: 1, at: start + .seconds(2))
        sight = try look(&memory, after: .seconds(3))
        #expect(sight.rests(.sku) && sight.rests(.deletion))
    }

    @Test("an operation that fails half way is a failure with its cause")
    func halfWay() throws {
        var memory = AzureMemory(AzureOptions())
        memory.accepted(change, Self.operation, generation: 1, at: start)
        memory.saw(.failed(code: "Broken", message: "no room"), generation: 1, at: start + .seconds(7))
        let sight = try look(&memory, after: .seconds(7))
        let failure = sight.failures[.parameters]?.remark
        #expect(failure?.reason == .operationFailed && failure?.message == "set a: Broken: no room")
        #expect(sight.rests(.parameters) && !sight.rests(.sku) && sight.wait == nil)
    }

    @Test("a busy server and throttling are waited for, and are no failures")
    func busy() throws {
        for (error, reason, pause) in [
            (Self.busy, Condition.Reason.updating, Duration.seconds(5)), (Self.error(.throttled, .seconds(20)), .throttled, .seconds(20))
        ] {
            var memory = AzureMemory(AzureOptions())
            memory.refused(change, error, generation: 1, at: start)
            #expect(try look(&memory, after: .seconds(1)).wait?.reason == reason)
            #expect(memory.failures.isEmpty && memory.nextLook == start + pause)
            #expect(try look(&memory, after: pause).wait == nil)
        }
    }

    @Test("a server that was asked for is waited for, and asked for again when it does not show up for long")
    func asked() throws {
        var memory = AzureMemory(AzureOptions())
        memory.accepted(try creation, Self.operation, generation: 1, at: start)
        memory.saw(.succeeded, generation: 1, at: start + .seconds(7))
        #expect(try look(&memory, after: .seconds(8), state: nil).wait?.reason == .provisioning)
        #expect(try look(&memory, after: .seconds(68), state: nil).wait == nil)
    }

    @Test("that there is none is certain when Azure has said that it deleted it, and likely after a minute since it was last asked for")
    func absence() throws {
        var memory = AzureMemory(AzureOptions())
        #expect(try !look(&memory, after: .zero, state: nil).isLongAbsent)
        #expect(try !look(&memory, after: .seconds(59), state: nil).isLongAbsent)
        #expect(try look(&memory, after: .seconds(60), state: nil).isLongAbsent)
        for cause in [AzureError.Cause.transport("cut"), .status(409, code: "ServerIsBusy", message: "busy")] {
            memory.refused(try creation, Self.error(cause), generation: 1, at: start + .seconds(61))
            #expect(try !look(&memory, after: .seconds(62), state: nil).isLongAbsent)
            #expect(try look(&memory, after: .seconds(122), state: nil).isLongAbsent)
        }
        #expect(try !look(&memory, after: .seconds(123), state: nil).isAbsenceCertain)
        memory.accepted(.delete, Self.operation, generation: 1, at: start + .seconds(124))
        #expect(try look(&memory, after: .seconds(125), state: nil).wait?.reason == .deleting)
        memory.saw(.succeeded, generation: 1, at: start + .seconds(130))
        #expect(try look(&memory, after: .seconds(130), state: nil).isAbsenceCertain)
        memory.accepted(try creation, Self.operation, generation: 1, at: start + .seconds(131))
        #expect(try !look(&memory, after: .seconds(132), state: nil).isAbsenceCertain)
        // It may show up after the operation has ended only.
        memory.saw(.succeeded, generation: 1, at: start + .seconds(600))
        #expect(try !look(&memory, after: .seconds(600), state: nil).isLongAbsent)
    }

    private var creation: AzureChange {
        get throws {
            let settings = try #require(try AzureSettings(MigrationWorld(on: .azure).cluster.situation.database))
            return .create(settings.newServer(tags: [:], password: AdministratorPassword(text: Secret("p"), version: "1")))
        }
    }

    @Test("what failed to be looked at is not looked at again before its time, but with another spec")
    func blindness() {
        var memory = AzureMemory(AzureOptions())
        memory.blinded(Self.down.remark, nil, generation: 1, at: start)
        #expect(memory.blindness(generation: 1, at: start + .seconds(1))?.reason == .azureUnavailable)
        #expect(memory.blindness(generation: 2, at: start + .seconds(1)) == nil)
        #expect(memory.blindness(generation: 1, at: start + .seconds(2)) == nil)
        memory.blinded(Self.down.remark, .zero, generation: 1, at: start + .seconds(2))
        #expect(memory.nextLook == start + .seconds(6))
        memory.saw(nil as Server?, at: start + .seconds(6))
        #expect(memory.blindness(generation: 1, at: start + .seconds(6)) == nil)
    }

    @Test("a write that Azure accepts and does not keep becomes a failure, more and more seldom")
    func inVain() throws {
        var memory = AzureMemory(AzureOptions())
        for number in 1...6 {
            memory.accepted(change, Self.operation, generation: 1, at: start)
            memory.saw(.succeeded, generation: 1, at: start)
            #expect((memory.failures.isEmpty) == (number <= 3))
        }
        #expect(memory.failures[.parameters]?.remark.message.contains("does not keep it: set a") == true)
        #expect(memory.failures[.parameters]?.retryAt == start + .seconds(8))
        memory.accepted(.setParameters(["b": "1"]), nil, generation: 1, at: start)
        #expect(memory.failures.isEmpty)
        // What somebody changes back once an hour is put right once an hour.
        for hour in 1...6 {
            memory.accepted(change, nil, generation: 1, at: start + .seconds(3600) * hour)
            #expect(memory.failures.isEmpty)
        }
    }

    @Test("a creation that is refused for good leaves no doubt, unless it was asked for before")
    func refusedCreation() throws {
        let refusal = Self.error(.status(404, code: "ResourceGroupNotFound", message: "none"))
        var memory = AzureMemory(AzureOptions())
        memory.refused(try creation, refusal, generation: 1, at: start)
        #expect(try look(&memory, after: .seconds(1), state: nil).isAbsenceCertain)
        var asked = AzureMemory(AzureOptions())
        asked.refused(try creation, Self.error(.timeout), generation: 1, at: start)
        asked.refused(try creation, refusal, generation: 1, at: start + .seconds(2))
        let sight = try look(&asked, after: .seconds(3), state: nil)
        #expect(!sight.isAbsenceCertain && sight.wait == nil)
    }

    @Test("a conflict that lasts is a failure with its cause")
    func locked() throws {
        var memory = AzureMemory(AzureOptions())
        memory.refused(.delete, Self.error(.status(409, code: "ScopeLocked", message: "a lock")), generation: 1, at: start)
        #expect(memory.failures[.deletion]?.remark.reason == .refused && memory.pause == nil)
    }

    @Test("an operation that cannot be asked for is asked for later, and one that Azure forgot is over")
    func lost() throws {
        var memory = AzureMemory(AzureOptions())
        memory.accepted(change, Self.operation, generation: 1, at: start)
        memory.lost(Self.error(.transport("cut")), at: start + .seconds(7))
        #expect(memory.running?.due == start + .seconds(12))
        var denied = memory
        for _ in 0..<4 { denied.lost(Self.error(.status(403, code: "AuthorizationFailed", message: "no")), at: start + .seconds(12)) }
        #expect(denied.running == nil)
        memory.lost(Self.error(.status(404, code: "NotFound", message: "gone")), at: start + .seconds(12))
        #expect(memory.running == nil)
    }

    @Test(
        "each error of Azure has its reason",
        arguments: [
            (AzureError.Cause.status(403, code: "AuthorizationFailed", message: ""), Condition.Reason.azureForbidden),
            (.status(404, code: "ResourceGroupNotFound", message: ""), .azureNotFound),
            (.status(401, code: "x", message: ""), .signInFailed),
            (.status(409, code: "ServerNameAlreadyExists", message: ""), .nameConflict), (.status(400, code: "x", message: ""), .refused),
            (.status(503, code: "x", message: ""), .azureUnavailable), (.throttled, .throttled),
            (.signIn(code: "invalid_client", message: ""), .signInFailed), (.signInPending(url: "u", code: "c"), .signInRequired),
            (.transport("cut"), .azureUnavailable), (.timeout, .azureUnavailable)
        ])
    func reasons(cause: AzureError.Cause, reason: Condition.Reason) {
        #expect(Self.error(cause).remark.reason == reason)
    }
}
