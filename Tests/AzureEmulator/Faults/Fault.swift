/// Something that goes wrong with calls.
public struct Fault: Sendable {
    public enum Effect: Sendable {
        /// The call is not handled. `retryAfter` is in seconds.
        case answer(status: Int, code: String, message: String, retryAfter: Int? = nil)
        /// The call is handled that much later.
        case delay(Duration)
        /// The connection ends, and nothing is done.
        case dropBeforeHandling
        /// The connection ends after the call was handled: what it asked for is done, the answer is lost. A call that was refused is no
        /// such call.
        case dropAfterHandling
        /// The operation that the call begins fails at its end. A call that begins none is not hit.
        case failOperation(code: String, message: String, leaves: Leftover = .nothing)
        /// The operation that the call begins goes on until ``AzureEmulator/releaseOperations()``. A call that begins none is not hit.
        case stallOperation
    }

    /// What becomes of a server whose creation fails. Every other failure leaves it as it was.
    public enum Leftover: String, Sendable {
        case nothing
        /// A server in the state `Disabled`.
        case disabledServer
    }

    /// Of the calls that are hit; nil for any.
    public var method: String?
    /// A part of the path of calls that are hit, in any case; nil for any path.
    public var path: String?
    /// How many calls that fit pass before one is hit.
    public var skipping = 0
    /// How many calls are hit; nil for all.
    public var times: Int? = 1
    /// How probable it is that a call that fits is hit, from 0 to 1.
    public var probability = 1.0
    public var effect: Effect

    public init(
        _ effect: Effect, method: String? = nil, path: String? = nil, skipping: Int = 0, times: Int? = 1, probability: Double = 1
    ) {
        self.effect = effect
        self.method = method
        self.path = path
        self.skipping = skipping
        self.times = times
        self.probability = probability
    }

    func fits(_ call: Call) -> Bool {
        (method.map { $0.uppercased() == call.method } ?? true) && (path.map { call.place.contains($0.lowercased()) } ?? true)
    }
}
