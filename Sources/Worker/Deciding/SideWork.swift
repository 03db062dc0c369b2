/// What there is to do on one side, and how that side stands.
struct SideWork: Sendable {
    var actions: [Plan.Action] = []
    /// What needs a human.
    var troubles: [StatusReport.Remark] = []
    /// What is under way.
    var progress: [StatusReport.Remark] = []
    /// Whether clients can use it.
    var readiness: Condition
    /// Of the kind Progressing, for when nothing is under way.
    var rest = Condition(.progressing, false, .settled, "")
    /// Nil where Azure is not concerned.
    var azure: AzureStatus?
    /// Whether the status has to be written before anything is done: what is done next may be lost with the process.
    var mustTellFirst = false

    /// Whether the readiness is what was told last, since nothing new is known.
    var isBlind = false

    /// Whether it works at this moment, and nothing is under way.
    var isResting: Bool { actions.isEmpty && progress.isEmpty && readiness.isTrue && !mustTellFirst && !isBlind }

    /// Whether it also is as the spec says.
    var isSettled: Bool { isResting && troubles.isEmpty }

    init(_ readiness: Condition) {
        self.readiness = readiness
    }

    /// Takes in why nothing is known of Azure. That it wants to be left alone for a while, or that others come first, needs no human.
    mutating func tell(_ block: StatusReport.Remark) {
        if [.throttled, .waitingForTurn].contains(block.reason) { progress.append(block) } else { troubles.append(block) }
    }

    mutating func take(_ other: SideWork) {
        actions += other.actions
        troubles += other.troubles
        progress += other.progress
        azure = azure ?? other.azure
        mustTellFirst = mustTellFirst || other.mustTellFirst
        isBlind = isBlind || other.isBlind
    }
}
