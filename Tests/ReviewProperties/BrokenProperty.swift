/// What an answer should never be, and is.
public struct BrokenProperty: Error, CustomStringConvertible {
    public let description: String
}

/// Fails unless the condition holds.
func demand(_ condition: Bool, _ otherwise: @autoclosure () -> String) throws(BrokenProperty) {
    guard condition else { throw BrokenProperty(description: otherwise()) }
}

/// The value, or a failure where there is none.
func demand<Value>(_ value: Value?, _ otherwise: @autoclosure () -> String) throws(BrokenProperty) -> Value {
    guard let value else { throw BrokenProperty(description: otherwise()) }
    return value
}
