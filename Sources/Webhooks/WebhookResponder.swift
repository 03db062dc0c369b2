public import HTTPServer
import JSON
import KubernetesAPI
public import Logging
import NIOCore
import NIOHTTP1
public import PrometheusMetrics

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

    /// The nesting beyond which a review is refused unless another is given, in levels of objects and arrays.
    public static var defaultMaximumJSONDepth: Int { JSONDocument.defaultMaximumDepth }

    private let maximumJSONDepth: Int
    private let logger: Logger
    private let metrics: WebhookMetrics

    /// - Parameter metrics: where requests are counted.
    public init(
        maximumJSONDepth: Int = defaultMaximumJSONDepth, logger: Logger, metrics: WebhookMetrics = WebhookMetrics(PrometheusRegistry())
    ) {
        self.maximumJSONDepth = maximumJSONDepth
        self.logger = logger
        self.metrics = metrics
    }

    public static func routes(_ limits: BodyLimits = BodyLimits()) -> [HTTPRoute] {
        Webhook.allCases.map { webhook in
            HTTPRoute(
                path: webhook.path, method: .POST, contentType: "application/json",
                maximumBodySize: webhook == .convert ? limits.conversion : limits.admission)
        }
    }

    public func respond(to request: HTTPRequest) -> HTTPResponse {
        let webhook = Webhook.allCases.first { $0.path == request.path } ?? .validate
        return metrics.counting(webhook) { count in
            do throws(ReviewError) {
                return HTTPResponse(status: .ok, headers: Self.jsonHeaders, body: try answer(request.body, webhook, &count))
            } catch {
                logger.info("review not usable", metadata: ["path": "\(request.path)", "reason": "\(error)"])
                count.code = error.status.code
                return Self.response(error.status)
            }
        }
    }

    public func respond(to request: HTTPRequest, memory: WorkMemory) -> HTTPResponse {
        JSONMemory.withCurrent(JSONMemory(take: memory.reserve, release: memory.release)) { respond(to: request) }
    }

    public func respond(to refusal: HTTPRefusal) -> HTTPResponse {
        Self.response(.failure(code: Int(refusal.status.code), refusal.message))
    }

    private func answer(_ body: ByteBuffer, _ webhook: Webhook, _ count: inout WebhookCount) throws(ReviewError) -> ByteBuffer {
        if webhook == .convert {
            let review = try ConversionReview(parsing: body, maximumDepth: maximumJSONDepth)
            return try ConversionWebhook(logger: logger).answer(review, &count)
        }
        let review = try AdmissionReview(parsing: body, maximumDepth: maximumJSONDepth)
        count.operation = review.request.operation
        let response =
            webhook == .mutate ? try MutatingWebhook.answer(review.request) : try ValidatingWebhook.answer(review.request, &count)
        count.outcome = response.allowed ? .allowed : .refused
        count.code = response.status?.code ?? count.code
        log(response, to: review.request, of: webhook)
        return review.answer(response)
    }

    /// Notes an answer: refusals for the people who run the server, the rest for those who debug it. Never the objects.
    private func log(_ response: AdmissionResponse, to request: AdmissionRequest, of webhook: Webhook) {
        logger.log(
            level: response.allowed ? .debug : .info, response.allowed ? "allowed" : "refused",
            metadata: [
                "webhook": "\(webhook.rawValue)",
                "uid": "\(request.uid)",
                "object": "\(request.namespace)/\(request.name)",
                "user": "\(request.username)",
                "operation": "\(request.operation.rawValue)",
                "rules": "\(response.auditAnnotations.first { $0.name == ValidatingWebhook.rulesAnnotation }?.value ?? "")"
            ])
    }

    private static let jsonHeaders: HTTPHeaders = ["Content-Type": "application/json"]

    private static func response(_ status: Status) -> HTTPResponse {
        HTTPResponse(status: HTTPResponseStatus(statusCode: status.code), headers: jsonHeaders, body: status.body)
    }
}
