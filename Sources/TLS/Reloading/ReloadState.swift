/// What is known of the files of a certificate, and so what to do when they are looked at again. No I/O, and no time.
///
/// A fault is told only when it is still the same at the next look: files in the middle of being replaced are none. It is told
/// once, and what is in service stays there.
struct ReloadState {
    /// What a look at the files showed.
    enum Sight: Hashable {
        case contents(SHA256Digest)
        case unreadable(CertificateError)
    }

    enum Action: Equatable {
        case nothing
        /// Load what was seen, then call `loaded` or `failed`.
        case load
        /// Tell of the fault.
        case report(CertificateError)
    }

    private struct Fault {
        let sight: Sight
        let error: CertificateError
        var isReported = false
    }

    private var served: SHA256Digest
    private var fault: Fault?

    /// - Parameter served: The contents in service.
    init(served: SHA256Digest) {
        self.served = served
    }

    mutating func look(_ sight: Sight) -> Action {
        if sight == .contents(served) {
            fault = nil
            return .nothing
        }
        guard let known = fault, known.sight == sight else {
            if case .unreadable(let error) = sight {
                fault = Fault(sight: sight, error: error)
                return .nothing
            }
            fault = nil
            return .load
        }
        if !known.isReported {
            fault?.isReported = true
            return .report(known.error)
        }
        // The same files become good by themselves only when their time comes.
        return known.error.code == .notYetValid ? .load : .nothing
    }

    /// The contents seen last are in service.
    mutating func loaded(_ digest: SHA256Digest) {
        served = digest
        fault = nil
    }

    /// The contents seen last cannot be served.
    mutating func failed(_ digest: SHA256Digest, _ error: CertificateError) {
        // Still not yet valid is nothing new.
        if let fault, fault.sight == .contents(digest), fault.error.code == error.code { return }
        fault = Fault(sight: .contents(digest), error: error)
    }
}
