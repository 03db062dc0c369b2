import DBMMOMySQLAPI

/// Decides whether MySQL may go to another version now.
///
/// A new version changes the files of the database, and the old one cannot read them afterwards. So it begins only from a server that works, and
/// one step after the other. Until then everything else of the settings is made real with the old version.
struct VersionStep: Sendable {
    /// The settings, with the version and the image that are to run now.
    private(set) var settings: Settings
    /// Why the version can never be reached from here.
    private(set) var trouble: StatusReport.Remark?
    /// What it waits for.
    private(set) var wait: StatusReport.Remark?

    /// - Parameter proven: The version that was ready last; nil when none was.
    init(from statefulSet: StatefulSetState?, to settings: Settings, pods: [PodState], proven: String?) {
        self.settings = settings
        guard let statefulSet, let old = statefulSet.version, let new = settings.version, old != new else { return }
        let actual = pods.first { $0.isReady && $0.version == old }?.serverVersion ?? old
        // No pod was ever ready with the one that was to come, so there is a way back. Whether it has changed the data, the server says.
        if let proven, proven != old, !pods.contains(where: \.isReady), UpgradePath.step(from: proven, to: new) == .allowed {
            return
        }
        switch UpgradePath.step(from: actual, to: new) {
        case .allowed:
            guard !Self.mayBegin(statefulSet, pods) else { return }
            wait = (.waitingForHealth, "MySQL goes from \(old) to \(new) as soon as the pod is ready with \(old)")
        case .downgrade: trouble = (.unsupportedUpgrade, "MySQL cannot go back from \(actual) to \(new)")
        case .skips(let next): trouble = (.unsupportedUpgrade, "MySQL cannot go from \(actual) to \(new) at once; upgrade to \(next) first")
        }
        self.settings.version = old
        if let image = statefulSet.image { self.settings.image = image }
    }

    private static func mayBegin(_ statefulSet: StatefulSetState, _ pods: [PodState]) -> Bool {
        // Stopped by will, so that it was shut down in order.
        if statefulSet.replicas == 0, pods.isEmpty { return true }
        return !pods.isEmpty && pods.allSatisfy { $0.isReady && !$0.isBeingDeleted && $0.version == statefulSet.version }
    }
}
