import DBMMOMySQLAPI
import HTTPServer
import JSON
import KubernetesAPI
import Logging
import NIOCore
import NIOHTTP1
import TestSupport
import Webhooks

/// One operation to be measured.
struct Benchmark {
    let name: String
    let operation: () throws -> Void

    /// Every part of the way of a review, and the whole way of one through each webhook, without a socket.
    static func all() throws -> [Benchmark] {
        try parts() + webhooks()
    }

    private static func parts() throws -> [Benchmark] {
        let update = try RecordedReviews.body("09-server-side-apply-4")
        let old = try JSONDocument(parsing: try RecordedReviews.body("03-patch-to-azure")).root[path: ["request", "oldObject"]]
        let new = try JSONDocument(parsing: try RecordedReviews.body("03-patch-to-azure")).root[path: ["request", "object"]]
        guard let old, let new else { throw Missing(what: "object") }
        let newInV1 = try JSONDocument(parsing: try converted(new, to: .v1)).root
        let (oldRead, newRead) = (try DBMMOMySQL(old), try DBMMOMySQL(new))
        return [
            Benchmark(name: "JSON: index an UPDATE of \(update.readableBytes) bytes") { keep(try JSONDocument(parsing: update)) },
            Benchmark(name: "review: read it") { keep(try AdmissionReview(parsing: update)) },
            Benchmark(name: "conversion: v1alpha1 to v1, \(new.byteCount) bytes") { keep(try converted(new, to: .v1)) },
            Benchmark(name: "conversion: v1 to v1alpha1, \(newInV1.byteCount) bytes") { keep(try converted(newInV1, to: .v1alpha1)) },
            Benchmark(name: "object: read for the rules, from v1alpha1") { keep(try DBMMOMySQL(new)) },
            Benchmark(name: "object: read for the rules, from v1") { keep(try DBMMOMySQL(newInV1)) },
            Benchmark(name: "rules: on creation") { keep(Validation.create(newRead, words: .v1alpha1)) },
            Benchmark(name: "rules: on an update of the spec") { keep(Validation.update(from: oldRead, to: newRead, words: .v1alpha1)) },
            Benchmark(name: "rules: on an update of no spec") { keep(Validation.update(from: newRead, to: newRead, words: .v1alpha1)) },
            Benchmark(name: "defaults: of a new object") { keep(try Defaulting.patch(for: new, replacing: nil, namespace: "shop")) }
        ]
    }

    private static func webhooks() throws -> [Benchmark] {
        var logger = Logger(label: "benchmark", factory: { _ in SwiftLogNoOpLogHandler() })
        logger.logLevel = .info
        let responder = WebhookResponder(logger: logger)
        let reviews = [
            ("/validate", "01-apply-create", "CREATE"), ("/validate", "03-patch-to-azure", "UPDATE of the spec"),
            ("/validate", "09-server-side-apply-4", "UPDATE of no spec"), ("/validate", "10-delete", "DELETE"),
            ("/mutate", "01-apply-create", "CREATE"), ("/mutate", "09-server-side-apply-4", "UPDATE of no spec")
        ]
        let admission = try reviews.map { path, recorded, name in
            let request = HTTPRequest(method: .POST, path: path, body: try RecordedReviews.body(recorded))
            return Benchmark(name: "\(path) \(name)") { keep(responder.respond(to: request)) }
        }
        let conversion = try [1, 100].map { count in
            let request = HTTPRequest(method: .POST, path: "/convert", body: try conversionReview(of: count))
            return Benchmark(name: "/convert \(count)") { keep(responder.respond(to: request)) }
        }
        return admission + conversion
    }

    private static func converted(_ object: JSONValue, to version: ServedVersion) throws -> ByteBuffer {
        var writer = JSONWriter(capacity: object.byteCount + 512)
        try Conversion.write(object, as: version, into: &writer)
        return writer.buffer
    }

    private static func conversionReview(of count: Int) throws -> ByteBuffer {
        let review = try JSONDocument(parsing: try RecordedReviews.body("07-server-side-apply-2")).root
        guard let object = review[path: ["request", "object"]] else { throw Missing(what: "object") }
        let objects = repeatElement(object.spelling, count: count).joined(separator: ",")
        return ByteBuffer(
            string: #"{"kind":"ConversionReview","apiVersion":"apiextensions.k8s.io/v1","request":{"uid":"1","#
                + #""desiredAPIVersion":"cache.my.domain/v1","objects":[\#(objects)]}}"#)
    }

    private struct Missing: Error {
        let what: String
    }
}

/// Keeps the optimiser from leaving out what makes the value.
@inline(never)
private func keep<Value>(_ value: consuming Value) {}
