import COpenSSL

/// One entry of OpenSSL's error queue.
struct OpenSSLReason: Hashable, Sendable {
    /// The packed error code, as `ERR_get_error` answers it.
    let code: UInt
    /// What OpenSSL says about the code, such as `no shared cipher`.
    let text: String

    /// Whether this is the given reason of the SSL library (`SSL_R_…`).
    func isSSL(_ reason: Int32) -> Bool {
        matches(library: ERR_LIB_SSL, reason: reason)
    }

    /// Whether this is the given reason of the PEM library (`PEM_R_…`).
    func isPEM(_ reason: Int32) -> Bool {
        matches(library: ERR_LIB_PEM, reason: reason)
    }

    private func matches(library: Int32, reason: Int32) -> Bool {
        ERR_GET_LIB(code) == library && ERR_GET_REASON(code) == reason
    }
}

/// OpenSSL's error queue. It belongs to the thread and outlives the call that filled it, so a connection that failed
/// would make a healthy one on the same event loop look failed. It is cleared before each call whose outcome
/// depends on it, and drained after each failure.
enum OpenSSLErrorQueue {
    static func clear() {
        ERR_clear_error()
    }

    /// Takes everything out of the queue, oldest first.
    static func drain() -> [OpenSSLReason] {
        var reasons: [OpenSSLReason] = []
        while true {
            let code = ERR_get_error()
            guard code != 0 else { return reasons }
            let text = ERR_reason_error_string(code).map { String(cString: $0) }
            reasons.append(OpenSSLReason(code: code, text: text ?? "error \(String(code, radix: 16))"))
        }
    }

    /// Takes everything out of the queue as one line of text.
    static func drainText() -> String {
        drain().summary
    }
}

extension [OpenSSLReason] {
    /// The reasons as one line, each said once.
    var summary: String {
        var texts: [String] = []
        for reason in self where !texts.contains(reason.text) {
            texts.append(reason.text)
        }
        return texts.isEmpty ? "OpenSSL gave no reason" : texts.joined(separator: "; ")
    }
}
