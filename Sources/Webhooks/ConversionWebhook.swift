import DBMMOMySQLAPI
import JSON
import KubernetesAPI
import Logging
import NIOCore

/// `/convert`: objects in another version.
struct ConversionWebhook {
    let logger: Logger

    func answer(_ review: ConversionReview, _ count: inout WebhookCount) throws(ReviewError) -> ByteBuffer {
        var converted: [WebhookConversion: UInt64] = [:]
        let answer = try convert(review, &converted)
        if let failure = answer.failure {
            logger.warning("conversion failed", metadata: ["uid": "\(review.uid)", "reason": "\(failure)"])
        } else {
            count.outcome = .converted
            count.objects = converted
            logger.debug(
                "converted", metadata: ["uid": "\(review.uid)", "objects": "\(review.objectCount)", "to": "\(review.desiredAPIVersion)"])
        }
        return answer.body
    }

    private func convert(
        _ review: ConversionReview, _ converted: inout [WebhookConversion: UInt64]
    ) throws(ReviewError) -> ConversionAnswer {
        guard let version = ServedVersion(groupVersion: review.desiredAPIVersion.description) else {
            let served = ServedVersion.allCases.map(\.groupVersion).joined(separator: ", ")
            return review.answer(failure: ConversionFailure("\(review.desiredAPIVersion) is not served; served are \(served)"))
        }
        return try review.answer { (writer, object, _) throws(ConversionFailure) in
            do {
                try Conversion.write(object, as: version, into: &writer)
            } catch {
                throw ConversionFailure("\(error)")
            }
            if let origin = ServedVersion(of: object) {
                converted[WebhookConversion(from: origin, to: version), default: 0] += 1
            }
        }
    }
}
