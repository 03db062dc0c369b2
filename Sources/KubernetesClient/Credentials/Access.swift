import HTTPCalls
import NIOSSL

/// What a request needs to be let in.
struct Access: Sendable {
    /// The value of the header `Authorization`.
    let authorization: Secret?
    /// Nil without TLS.
    let tls: TLSConfiguration?
    /// Goes up whenever anything of it changes.
    let generation: UInt64
}
