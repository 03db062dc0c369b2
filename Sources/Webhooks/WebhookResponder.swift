public import HTTPServer
import KubernetesAPI
public import Logging
import NIOCore
import NIOHTTP1

/// Answers the API server on the webhook listener: `/validate`, `/mutate` and `/convert`.
///
/// What cannot be answered as a review is answered with an HTTP error and a Kubernetes Status that gives the reason.
public struct WebhookResponder: HTTPResponder {
    /// The largest bodies that are accepted, in bytes.
    public struct BodyLimits: Sendable {
        /// An object of the API server has at most 3 MiB of JSON, and a review holds two.
        public var admission = 8 * 1024 * 1024
        public var conversion = 64 * 1024 * 1024

        public init() {}
    }

    private enum Path {
        static let validate = "/validate"
        static let mutate = "/mutate"
        static let convert = "/convert"
    }

    private let logger: Logger

    public init(logger: Logger) {
        self.logger = logger
    }

    public static func routes(_ limits: BodyLimits = BodyLimits()) -> [HTTPRoute] {
        [(Path.validate, limits.admission), (Path.mutate, limits.admission), (Path.convert, limits.conversion)].map { path, limit in
            HTTPRoute(path: path, method: .POST, contentType: "application/json", maximumBodySize: limit)
        }
    }

    public func respond(to request: HTTPRequest) -> HTTPResponse {
        do throws(ReviewError) {
            return HTTPResponse(status: .ok, headers: Self.jsonHeaders, body: try answer(request))
        } catch {
            logger.info("review not usable", metadata: ["path": "\(request.path)", "reason": "\(error)"])
            return Self.response(error.status)
        }
    }

    public func respond(to refusal: HTTPRefusal) -> HTTPResponse {
        Self.response(.failure(code: Int(refusal.status.code), refusal.message))
    }

    private func answer(_ request: HTTPRequest) throws(ReviewError) -> ByteBuffer {
        switch request.path {
        case Path.convert:
            return ConversionWebhook(logger: logger).answer(try ConversionReview(parsing: request.body))
        case Path.mutate:
            let review = try AdmissionReview(parsing: request.body)
            return review.answer(log(try MutatingWebhook.answer(review.request), to: review.request, of: "mutate"))
        default:
            let review = try AdmissionReview(parsing: request.body)
            return review.answer(log(try ValidatingWebhook.answer(review.request), to: review.request, of: "validate"))
        }
    }

    /// Notes an answer: refusals for the people who run the server, the rest for those who debug it. Never the objects.
    private func log(_ response: AdmissionResponse, to request: AdmissionRequest, of webhook: String) -> AdmissionResponse {
        logger.log(
            level: response.allowed ? .debug : .info, response.allowed ? "allowed" : "refused",
            metadata: [
                "webhook": "\(webhook)",
                "uid": "\(request.uid)",
                "object": "\(request.namespace)/\(request.name)",
                "user": "\(request.username)",
                "operation": "\(request.operation.rawValue)",
                "rules": "\(response.auditAnnotations.first { $0.name == ValidatingWebhook.rulesAnnotation }?.value ?? "")"
            ])
        return response
    }

    private static let jsonHeaders: HTTPHeaders = ["Content-Type": "application/json"]

    private static func response(_ status: Status) -> HTTPResponse {
        HTTPResponse(status: HTTPResponseStatus(statusCode: status.code), headers: jsonHeaders, body: status.body)
    }
}
