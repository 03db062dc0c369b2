import CNGHTTP2

/// libnghttp2 as a whole.
public enum NGHTTP2Library {
    /// The version of the library in use, such as `1.52.0`.
    public static var version: String { nghttp2_version(0).flatMap { String(cString: $0.pointee.version_str) } ?? "unknown" }
}
