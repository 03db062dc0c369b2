import KubernetesAPI

/// What somebody most likely meant.
enum Suggestion {
    /// `did you mean "OnCluster"?`, or nothing when no choice is near.
    static func text(for value: String, among choices: [String]) -> String {
        guard let choice = nearest(to: value, among: choices) else { return "" }
        return "did you mean \(FieldError.quoted(choice))?"
    }

    /// The choice that differs only in case, or by at most two edits and less than half of its length.
    static func nearest(to value: String, among choices: [String]) -> String? {
        let value = value.lowercased()
        // A text much longer than every choice is near to none; its distance is not worth computing.
        guard !value.isEmpty, value.utf8.count <= 64 else { return nil }
        let near = choices.map { (choice: $0, distance: distance(value, $0.lowercased())) }
            .filter { $0.distance <= 2 && 2 * $0.distance < $0.choice.utf8.count }
        return near.min { $0.distance < $1.distance }?.choice
    }

    /// Insertions, removals and replacements that turn one text into the other (Levenshtein).
    private static func distance(_ left: String, _ right: String) -> Int {
        let right = Array(right.utf8)
        var previous = Array(0...right.count)
        for (row, byte) in left.utf8.enumerated() {
            var current = [row + 1]
            current.reserveCapacity(right.count + 1)
            for column in right.indices {
                let replaced = previous[column] + (right[column] == byte ? 0 : 1)
                current.append(min(replaced, previous[column + 1] + 1, current[column] + 1))
            }
            previous = current
        }
        return previous.last ?? 0
    }
}
