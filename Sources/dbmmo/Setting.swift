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
}

/// A time as people write it: `500ms`, `5s`, `2m`, or a plain number of seconds.
struct Interval: ExpressibleByArgument, Sendable, CustomStringConvertible {
    let duration: Duration
    let description: String

    init?(argument: String) {
        let units: [(suffix: String, unit: Duration)] = [
            ("ms", .milliseconds(1)), ("s", .seconds(1)), ("m", .seconds(60)), ("", .seconds(1))
        ]
        guard let (suffix, unit) = units.first(where: { argument.hasSuffix($0.suffix) }),
            let count = UInt32(argument.dropLast(suffix.count))
        else { return nil }
        duration = unit * Int(count)
        description = argument
    }

    private init(seconds: Int) {
        duration = .seconds(seconds)
        description = "\(seconds)s"
    }

    static func seconds(_ seconds: Int) -> Interval { Interval(seconds: seconds) }
}
