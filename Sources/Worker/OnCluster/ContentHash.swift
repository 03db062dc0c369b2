import JSON

/// A short name for a content, the same in every process: FNV-1a with 64 bits. It tells a change, and guards against nobody.
///
/// http://www.isthe.com/chongo/tech/comp/fnv/
enum ContentHash {
    static func text(of tree: JSONTree) -> String { text(of: tree.sorted().text) }

    static func text(of content: String) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in content.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        return String(hash, radix: 16)
    }
}
