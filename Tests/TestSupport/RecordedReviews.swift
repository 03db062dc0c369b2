public import NIOCore

/// AdmissionReview bodies exactly as a kube-apiserver 1.20.2 sent them, for one `v1alpha1` object.
public enum RecordedReviews {
    public static let names = [
        "01-apply-create", "02-label", "03-patch-to-azure", "04-status-patch", "05-dry-run-apply", "06-server-side-apply-1",
        "07-server-side-apply-2", "08-server-side-apply-3", "09-server-side-apply-4", "10-delete"
    ]

    private static let folder = FixtureFolder("Fixtures/reviews")

    public static func body(_ name: String) throws -> ByteBuffer {
        ByteBuffer(bytes: try folder.bytes(of: "\(name).json"))
    }
}
