/// The order in which the series of MySQL can be upgraded (rule S2), for who upgrades.
public enum UpgradePath {
    public enum Step: Sendable, Equatable {
        case allowed
        /// MySQL cannot read the data of a newer series.
        case downgrade
        /// The series that has to come first.
        case skips(String)
    }

    /// - Parameters:
    ///   - old, new: Series, as `8.4`. Between what are no known series every step is allowed, since nothing is known of it.
    public static func step(from old: String, to new: String) -> Step {
        guard let old = MySQLSeries(old), let new = MySQLSeries(new) else { return .allowed }
        switch old.transition(to: new) {
        case .allowed: return .allowed
        case .downgrade: return .downgrade
        case .skips(let next): return .skips(next)
        }
    }
}
