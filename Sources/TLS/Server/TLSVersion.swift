import COpenSSL

/// A version of TLS that a server may offer. Older ones are never offered.
public enum TLSVersion: String, CaseIterable, Sendable {
    case tls12 = "1.2"
    case tls13 = "1.3"

    /// The number of the version in OpenSSL and on the wire.
    var wireValue: CInt {
        switch self {
        case .tls12: TLS1_2_VERSION
        case .tls13: TLS1_3_VERSION
        }
    }
    init?(wireValue: CInt) {
        guard let version = Self.allCases.first(where: { $0.wireValue == wireValue }) else { return nil }
        self = version
    }
}
