import DBMMOMySQLAPI
import JSON
import KubernetesAPI
import Logging
import NIOCore

/// `/convert`: objects in another version.
struct ConversionWebhook {
    let logger: Logger

    func answer(_ review: ConversionReview, _ count: inout WebhookCount) -> ByteBuffer {
        let answer = convert(review, &count)
        if let failure = answer.failure {
            // The ones before the object that failed were not delivered.
            count.objects = [:]
            logger.warning("conversion failed", metadata: ["uid": "\(review.uid)", "reason": "\(failure)"])
        } else {
            count.outcome = .converted
            logger.debug(
                "converted", metadata: ["uid": "\(review.uid)", "objects": "\(review.objects.count)", "to": "\(review.desiredAPIVersion)"])
        }
        return answer.body
    }

    private func convert(_ review: ConversionReview, _ count: inout WebhookCount) -> ConversionAnswer {
        guard let version = ServedVersion(groupVersion: review.desiredAPIVersion.description) else {
            let served = ServedVersion.allCases.map(\.groupVersion).joined(separator: ", ")
            return review.answer(failure: ConversionFailure("\(review.desiredAPIVersion) is not served; served are \(served)"))
        }
        return review.answer { (writer, object, _) throws(ConversionFailure) in
            do {
                try Conversion.write(object, as: version, into: &writer)
            } catch {
                throw ConversionFailure("\(error)")
            }
            if let origin = ServedVersion(of: object) {
                count.objects[WebhookConversion(from: origin, to: version), default: 0] += 1
            }
        }
    }
}
