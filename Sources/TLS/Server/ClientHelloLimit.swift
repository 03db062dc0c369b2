/// Watches how long the first message of a connection claims to be, and refuses one too long for a ClientHello.
///
/// OpenSSL takes memory for the whole message, up to 128 KiB, as soon as it has seen the length: nine bytes would cost that much for
/// as long as a handshake may take.
struct ClientHelloLimit {
    /// In bytes. Real ones have some hundred, with post-quantum key shares up to two thousand.
    static let longest = 16 * 1024

    private enum Field {
        static let recordLength = 3...4
        static let messageLength = 6...8
        static let end = 9
    }

    /// The content type of handshake records (RFC 8446, section 5.1).
    private static let handshake: UInt8 = 22
    /// A message starts with its type and length (RFC 8446, section 4).
    private static let messageHeaderSize = 4

    private var head: [UInt8] = []
    private var isDecided = false

    /// Takes the bytes of the connection in order.
    /// - Returns: False when the message is too long, or cut into records too small to tell.
    mutating func accepts(_ bytes: some Sequence<UInt8>) -> Bool {
        guard !isDecided else { return true }
        head.append(contentsOf: bytes.prefix(Field.end - head.count))
        // What is no handshake at all is OpenSSL's to refuse.
        guard let type = head.first, type == Self.handshake else {
            isDecided = !head.isEmpty
            return true
        }
        if head.count > Field.recordLength.upperBound, number(Field.recordLength) < Self.messageHeaderSize { return false }
        guard head.count == Field.end else { return true }
        isDecided = true
        return number(Field.messageLength) <= Self.longest
    }

    private func number(_ field: ClosedRange<Int>) -> Int {
        head[field].reduce(0) { $0 << 8 | Int($1) }
    }
}
