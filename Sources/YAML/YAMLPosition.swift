/// A place in a YAML text, as editors count: lines and characters from 1.
public struct YAMLPosition: Sendable, Hashable {
    public var line: Int
    public var column: Int

    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }
}
