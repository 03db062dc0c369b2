import AzureMySQL

extension AzureError {
    /// A write may have been done although there was no answer to it.
    var isAmbiguous: Bool {
        switch cause {
        case .transport, .timeout, .cancelled, .malformedAnswer: true
        case .status(let status, _, _): status >= 500
        default: false
        }
    }

    /// Another operation on the server goes on. Of the other conflicts, most last until somebody does something about them.
    var isBusy: Bool {
        guard case .status(409, let code, _) = cause else { return false }
        let words = ["busy", "inprogress", "conflict", "anotheroperation"]
        return words.contains { code.lowercased().contains($0) }
    }

    private static func isNameTaken(_ code: String) -> Bool {
        let code = code.lowercased()
        return code.contains("alreadyexist") || code.contains("nameunavailable") || code.contains("namenotavailable")
            || code.contains("nameinuse")
    }

    var metric: WorkerMetrics.AzureAnswer {
        switch cause {
        case .status(409, _, _) where isBusy: .busy
        case .status(401, _, _), .signIn, .signInPending: .signIn
        case .status(408, _, _), .status(500..., _, _), .transport, .timeout, .malformedAnswer, .cancelled: .unavailable
        case .status: .refused
        case .throttled: .throttled
        }
    }

    /// What is told of it.
    var remark: StatusReport.Remark {
        let message = "Azure: \(reason)"
        switch cause {
        case .status(401, _, _): return (.signInFailed, message)
        case .status(403, _, _): return (.azureForbidden, message)
        case .status(404, _, _): return (.azureNotFound, message)
        case .status(409, let code, _) where Self.isNameTaken(code):
            return (.nameConflict, "\(message). Choose another spec.azure.serverName")
        case .status(408, _, _), .status(500..., _, _): return (.azureUnavailable, message)
        case .status: return (.refused, message)
        case .throttled: return (.throttled, message)
        case .signIn: return (.signInFailed, message)
        case .signInPending: return (.signInRequired, message)
        case .transport, .timeout, .malformedAnswer, .cancelled: return (.azureUnavailable, message)
        }
    }
}
