import HTTPCalls

extension AzureError {
    init(_ failure: HTTPCallFailure, call: String) {
        let cause: Cause =
            switch failure {
            case .timeout: .timeout
            case .cancelled: .cancelled
            case .transport(let text): .transport(text)
            }
        self.init(cause, call: call)
    }
}
