import DBMMOMySQLAPI
import KubernetesAPI
import NIOCore
public import PrometheusMetrics

/// What is told of the webhooks. Values of labels come from fixed sets: webhooks, operations, outcomes, status codes, rules, versions.
public struct WebhookMetrics: Sendable {
    private let requests: PrometheusCounters<Answer>
    private let durations: [Webhook: PrometheusHistogram]
    private let inFlight: PrometheusGauge
    private let refusals: PrometheusCounters<RuleID>
    private let objects: PrometheusCounters<WebhookConversion>

    /// What tells one series of the requests from another.
    private struct Answer: Hashable {
        var webhook: Webhook
        var operation: AdmissionRequest.Operation?
        var outcome: WebhookCount.Outcome
        var code: Int
    }

    public init(_ registry: PrometheusRegistry) {
        requests = registry.counters(
            "dbmmo_webhook_requests_total",
            help: "Requests by webhook, operation (empty for convert), outcome, and code of the Status or else of the HTTP response.",
            known: Self.usualAnswers
        ) { answer in
            [
                "webhook": answer.webhook.rawValue, "operation": answer.operation?.rawValue ?? "", "outcome": answer.outcome.rawValue,
                "code": String(answer.code)
            ]
        }
        durations = Dictionary(
            uniqueKeysWithValues: Webhook.allCases.map { webhook in
                let histogram = registry.histogram(
                    "dbmmo_webhook_request_duration_seconds",
                    help: "Time from the whole request to its answer, in seconds, without the network and TLS.",
                    labels: ["webhook": webhook.rawValue])
                return (webhook, histogram)
            })
        inFlight = registry.gauge("dbmmo_webhook_requests_in_flight", help: "Requests that are being answered at this moment.")
        refusals = registry.counters(
            "dbmmo_webhook_refusals_total", help: "Refused requests by the rule that they break; one may break several.",
            known: RuleID.allCases
        ) { ["rule": $0.rawValue] }
        objects = registry.counters(
            "dbmmo_conversion_objects_total", help: "Converted objects by the version that they were in and the one that was asked for.",
            known: WebhookConversion.all
        ) { ["from": $0.from.rawValue, "to": $0.to.rawValue] }
    }

    /// Answers a request and counts it.
    func counting<Response>(_ webhook: Webhook, _ body: (inout WebhookCount) -> Response) -> Response {
        inFlight.add(1)
        let start = NIODeadline.now()
        var count = WebhookCount()
        let response = body(&count)
        durations[webhook]?.observe(Double((NIODeadline.now() - start).nanoseconds) / 1e9)
        inFlight.add(-1)
        requests[Answer(webhook: webhook, operation: count.operation, outcome: count.outcome, code: count.code)].increment()
        for rule in count.refusingRules { refusals[rule].increment() }
        for (conversion, number) in count.objects { objects[conversion].increment(by: number) }
        return response
    }

    /// Told from the start, so that the first failure shows as an increase.
    private static var usualAnswers: [Answer] {
        let operations: [AdmissionRequest.Operation] = [.create, .update, .delete]
        return operations.flatMap { operation in
            [
                Answer(webhook: .validate, operation: operation, outcome: .allowed, code: 200),
                Answer(webhook: .validate, operation: operation, outcome: .refused, code: operation == .delete ? 403 : 422),
                Answer(webhook: .validate, operation: operation, outcome: .failed, code: 400),
                Answer(webhook: .mutate, operation: operation, outcome: .allowed, code: 200),
                Answer(webhook: .mutate, operation: operation, outcome: .failed, code: 400)
            ]
        } + [
            Answer(webhook: .validate, outcome: .failed, code: 400),
            Answer(webhook: .mutate, outcome: .failed, code: 400),
            Answer(webhook: .convert, outcome: .converted, code: 200),
            Answer(webhook: .convert, outcome: .failed, code: 200),
            Answer(webhook: .convert, outcome: .failed, code: 400)
        ]
    }
}

/// What is counted of one request.
struct WebhookCount {
    enum Outcome: String {
        case allowed, refused, converted, failed
    }

    /// Nil until the review is read, and for conversions.
    var operation: AdmissionRequest.Operation?
    var outcome = Outcome.failed
    /// Of the Status in the answer, which is the one that the user sees; without a Status that of the HTTP response.
    var code = 200
    /// The rules that a refused request breaks.
    var refusingRules: Set<RuleID> = []
    var objects: [WebhookConversion: UInt64] = [:]
}

/// From one version to another, or the same one.
struct WebhookConversion: Hashable {
    var from: ServedVersion
    var to: ServedVersion

    static var all: [WebhookConversion] {
        ServedVersion.allCases.flatMap { from in ServedVersion.allCases.map { WebhookConversion(from: from, to: $0) } }
    }
}
