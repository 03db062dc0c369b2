public import ArgumentParser
public import HTTPServer
public import Logging
public import TLS

extension ListenAddress: ExpressibleByArgument {
    public init?(argument: String) {
        try? self.init(parsing: argument)
    }
}

extension TLSVersion: ExpressibleByArgument {}
extension Logger.Level: @retroactive ExpressibleByArgument {}
