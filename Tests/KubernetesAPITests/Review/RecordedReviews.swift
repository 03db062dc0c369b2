import Glibc
import NIOCore
import Testing

/// AdmissionReview bodies exactly as a kube-apiserver sent them.
enum RecordedReviews {
    static let names = [
        "01-apply-create", "02-label", "03-patch-to-azure", "04-status-patch", "05-dry-run-apply", "06-server-side-apply-1",
        "07-server-side-apply-2", "08-server-side-apply-3", "09-server-side-apply-4", "10-delete",
    ]

    private static let folder: String = {
        let tests = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        return tests.joined(separator: "/") + "/WebhooksTests/Fixtures/reviews/"
    }()

    static func body(_ name: String) throws -> ByteBuffer {
        let file = try #require(fopen(folder + name + ".json", "r"), "\(name) is missing")
        defer { fclose(file) }
        var body = ByteBuffer()
        var chunk = [UInt8](repeating: 0, count: 65536)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { body.writeBytes(chunk[..<count]) }
        return body
    }
}
