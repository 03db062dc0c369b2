import Glibc
import NIOConcurrencyHelpers

/// Standard error, a line at a time.
public enum StandardError {
    /// The kernel keeps only short writes of several threads apart.
    private static let lock = NIOLock()

    /// - Parameter line: Without its end. It is lost when nobody can take it, as everything that is logged.
    public static func write(line: String) {
        let bytes = Array("\(line)\n".utf8)
        lock.withLock {
            bytes.withUnsafeBytes { bytes in
                var rest = UnsafeRawBufferPointer(rebasing: bytes[...])
                while !rest.isEmpty {
                    let count = Glibc.write(STDERR_FILENO, rest.baseAddress, rest.count)
                    if count < 0 && errno == EINTR { continue }
                    guard count > 0 else { return }
                    rest = UnsafeRawBufferPointer(rebasing: rest[count...])
                }
            }
        }
    }
}
