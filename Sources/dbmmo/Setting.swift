import ArgumentParser
import Glibc

/// An option that may also stand in the environment.
enum Setting {
    /// The option's value, else that of the environment variable, else the default.
    ///
    /// - Throws: a usage error when the variable's text is no such value.
    static func resolve<Value: ExpressibleByArgument>(_ option: Value?, _ variable: String, default value: Value) throws -> Value {
        try resolve(option, variable) ?? value
    }

    /// As ``resolve(_:_:default:)``, for an option that may be left out.
    static func resolve<Value: ExpressibleByArgument>(_ option: Value?, _ variable: String) throws -> Value? {
        if let option { return option }
        guard let text = getenv(variable).map({ String(cString: $0) }), !text.isEmpty else { return nil }
        guard let value = Value(argument: text) else {
            throw Failure.usage("\(variable)='\(text)' is not valid")
        }
        return value
    }

    /// As ``resolve(_:_:default:)``, for an option that can be given again; the variable holds one value.
    static func resolve(_ options: [String], _ variable: String) throws -> [String] {
        guard options.isEmpty, let value = try resolve(nil as String?, variable) else { return options }
        return [value]
    }

    /// As ``resolve(_:_:)`` for the option called `name`, whose variable follows from that, and which must be in a range.
    static func resolve<Value: ExpressibleByArgument & Comparable>(
        _ option: Value?, _ name: String, in range: ClosedRange<Value>
    ) throws -> Value? {
        let variable = "DBMMO_" + name.drop { $0 == "-" }.uppercased().replacing("-", with: "_")
        guard let value = try resolve(option, variable) else { return nil }
        guard range.contains(value) else {
            throw Failure.usage("\(name) must be between \(range.lowerBound) and \(range.upperBound), not \(value)")
        }
        return value
    }
}

/// A time as people write it: `500ms`, `5s`, `2m`, `12h`, `90d`, or a plain number of seconds.
struct Interval: ExpressibleByArgument, Comparable, Sendable, CustomStringConvertible {
    let duration: Duration
    let description: String

    init?(argument: String) {
        let units: [(suffix: String, unit: Duration)] = [
            ("ms", .milliseconds(1)), ("s", .seconds(1)), ("m", .seconds(60)), ("h", .seconds(3600)),
            ("d", .seconds(86_400)), ("", .seconds(1))
        ]
        guard let (suffix, unit) = units.first(where: { argument.hasSuffix($0.suffix) }),
            let count = UInt32(argument.dropLast(suffix.count))
        else { return nil }
        duration = unit * Int(count)
        description = argument
    }

    private init(_ duration: Duration, _ description: String) {
        self.duration = duration
        self.description = description
    }

    static func seconds(_ count: Int) -> Interval { Interval(.seconds(count), "\(count)s") }

    static func days(_ count: Int) -> Interval { Interval(.seconds(count * 86_400), "\(count)d") }

    /// In whole seconds.
    var seconds: Int64 { duration.components.seconds }

    static func milliseconds(_ count: Int) -> Interval { Interval(.milliseconds(count), "\(count)ms") }

    static func == (a: Interval, b: Interval) -> Bool { a.duration == b.duration }

    static func < (a: Interval, b: Interval) -> Bool { a.duration < b.duration }
}
