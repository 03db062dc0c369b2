public import ArgumentParser
public import DBMMOMySQLAPI
public import HTTPServer
public import Logging
public import Logs
public import Manifests
public import TLS

extension ListenAddress: ExpressibleByArgument {
    public init?(argument: String) {
        try? self.init(parsing: argument)
    }
}

extension TLSVersion: ExpressibleByArgument {}
extension LogFormat: ExpressibleByArgument {}
extension Logger.Level: @retroactive ExpressibleByArgument {}
extension ServedVersion: ExpressibleByArgument {}
extension ManifestConversion.Format: ExpressibleByArgument {}

/// How a command tells what it found: to people or to programs.
enum ReportFormat: String, ExpressibleByArgument, CaseIterable {
    case text, json
}
