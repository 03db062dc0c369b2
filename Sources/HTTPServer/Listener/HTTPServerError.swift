import Glibc
import NIOCore

/// Why a server could not start or go on.
public struct HTTPServerError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What went wrong.
    public struct Code: Sendable, Hashable {
        private enum Value: Hashable { case cannotListen, stoppedListening }
        private let value: Value

        /// The address cannot be listened on.
        public static let cannotListen = Code(value: .cannotListen)
        /// The listening socket closed without being asked to.
        public static let stoppedListening = Code(value: .stoppedListening)
    }

    public let code: Code
    public let address: ListenAddress
    /// The system's words for the cause, such as `Address already in use`.
    public let cause: String

    static func cannotListen(_ address: ListenAddress, _ error: any Error) -> HTTPServerError {
        let cause =
            switch error {
            case let error as IOError: String(cString: strerror(error.errnoCode))
            default: "\(error)"
            }
        return HTTPServerError(code: .cannotListen, address: address, cause: cause)
    }

    static func stoppedListening(_ address: ListenAddress) -> HTTPServerError {
        HTTPServerError(code: .stoppedListening, address: address, cause: "the listening socket was closed")
    }

    public var description: String {
        switch code {
        case .stoppedListening: "stopped listening on \(address): \(cause)"
        default: "cannot listen on \(address): \(cause)"
        }
    }
}
