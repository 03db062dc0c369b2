import DBMMOMySQLAPI
import JSON
import KubernetesAPI
import Logging
import NIOCore

/// `/convert`: objects in another version.
struct ConversionWebhook {
    let logger: Logger

    func answer(_ review: ConversionReview) -> ByteBuffer {
        let answer = convert(review)
        if let failure = answer.failure {
            logger.warning("conversion failed", metadata: ["uid": "\(review.uid)", "reason": "\(failure)"])
        } else {
            logger.debug(
                "converted", metadata: ["uid": "\(review.uid)", "objects": "\(review.objects.count)", "to": "\(review.desiredAPIVersion)"])
        }
        return answer.body
    }

    private func convert(_ review: ConversionReview) -> ConversionAnswer {
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
        }
    }
}
