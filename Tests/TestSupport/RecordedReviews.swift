import Glibc
public import NIOCore

/// AdmissionReview bodies exactly as a kube-apiserver 1.20.2 sent them, for one `v1alpha1` object.
public enum RecordedReviews {
    public static let names = [
        "01-apply-create", "02-label", "03-patch-to-azure", "04-status-patch", "05-dry-run-apply", "06-server-side-apply-1",
        "07-server-side-apply-2", "08-server-side-apply-3", "09-server-side-apply-4", "10-delete"
    ]

    /// Why a recorded review cannot be read.
    public struct Missing: Error {
        public let path: String
    }

    public static func body(_ name: String) throws -> ByteBuffer {
        let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        let path = "\(folder)/Fixtures/reviews/\(name).json"
        guard let file = fopen(path, "r") else { throw Missing(path: path) }
        defer { fclose(file) }
        var body = ByteBuffer()
        var chunk = [UInt8](repeating: 0, count: 65536)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { body.writeBytes(chunk[..<count]) }
        return body
    }
}
