import CNGHTTP2

/// A field block in the representations of HPACK (RFC 7541 section 6), right or wrong.
public struct HeaderBlock: Sendable, ExpressibleByDictionaryLiteral {
    public enum Indexing {
        case incremental, without, never
    }

    public var bytes: [UInt8]

    public init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Literals without indexing.
    public init(dictionaryLiteral fields: (String, String)...) {
        self.init(bytes: fields.flatMap { HeaderBlock.literal($0.0, $0.1).bytes })
    }

    public static func + (left: HeaderBlock, right: HeaderBlock) -> HeaderBlock {
        HeaderBlock(bytes: left.bytes + right.bytes)
    }

    public static func repeating(_ block: HeaderBlock, _ count: Int) -> HeaderBlock {
        HeaderBlock(bytes: Array(repeatElement(block.bytes, count: count).joined()))
    }
}

// MARK: Requests

extension HeaderBlock {
    public static func request(_ method: String, _ path: String, _ fields: HeaderBlock = [:]) -> HeaderBlock {
        [":method": method, ":scheme": "https", ":path": path, ":authority": "test"] + fields
    }

    public static func get(_ path: String, _ fields: HeaderBlock = [:]) -> HeaderBlock {
        request("GET", path, fields)
    }

    /// A POST of JSON.
    public static func post(_ path: String, _ fields: HeaderBlock = [:]) -> HeaderBlock {
        request("POST", path, ["content-type": "application/json"] + fields)
    }
}

// MARK: Representations

extension HeaderBlock {
    /// RFC 7541 section 6.1.
    public static func indexed(_ index: Int) -> HeaderBlock {
        HeaderBlock(bytes: integer(index, prefix: 7, pattern: 0x80))
    }

    /// RFC 7541 section 6.2, with a name of its own.
    public static func literal(_ name: String, _ value: String, _ indexing: Indexing = .without) -> HeaderBlock {
        HeaderBlock(bytes: nameIndex(0, indexing) + string(name.utf8) + string(value.utf8))
    }

    /// RFC 7541 section 6.2, with the name of a table entry.
    public static func literal(nameOf index: Int, _ value: String, _ indexing: Indexing = .without) -> HeaderBlock {
        HeaderBlock(bytes: nameIndex(index, indexing) + string(value.utf8))
    }

    /// A literal without indexing whose value has these bytes, said to be Huffman-coded.
    public static func literal(_ name: String, huffman value: [UInt8]) -> HeaderBlock {
        HeaderBlock(bytes: nameIndex(0, .without) + string(name.utf8) + string(value, isHuffman: true))
    }

    /// A dynamic table size update (RFC 7541 section 6.3).
    public static func tableSize(_ size: Int) -> HeaderBlock {
        HeaderBlock(bytes: integer(size, prefix: 5, pattern: 0x20))
    }

    private static func nameIndex(_ index: Int, _ indexing: Indexing) -> [UInt8] {
        switch indexing {
        case .incremental: integer(index, prefix: 6, pattern: 0x40)
        case .without: integer(index, prefix: 4, pattern: 0x00)
        case .never: integer(index, prefix: 4, pattern: 0x10)
        }
    }

    private static func string(_ bytes: some Collection<UInt8>, isHuffman: Bool = false) -> [UInt8] {
        integer(bytes.count, prefix: 7, pattern: isHuffman ? 0x80 : 0) + bytes
    }

    /// RFC 7541 section 5.1.
    public static func integer(_ value: Int, prefix: Int, pattern: UInt8) -> [UInt8] {
        let limit = 1 << prefix - 1
        guard value >= limit else { return [pattern | UInt8(value)] }
        var bytes = [pattern | UInt8(limit)]
        var rest = value - limit
        while rest >= 128 {
            bytes.append(UInt8(rest % 128) | 0x80)
            rest /= 128
        }
        return bytes + [UInt8(rest)]
    }
}

// MARK: Answers

/// The decompression context of one connection.
public final class HeaderDecoder {
    public typealias Field = (name: String, value: String)

    private let inflater: OpaquePointer

    public init() throws {
        var made: OpaquePointer?
        guard nghttp2_hd_inflate_new(&made) == 0, let made else { throw Violation("no memory for a decoder") }
        inflater = made
    }

    deinit {
        nghttp2_hd_inflate_del(inflater)
    }

    /// The size that SETTINGS told the server, from its acknowledgement on.
    public func setTableSize(_ size: UInt32) {
        nghttp2_hd_inflate_change_table_size(inflater, Int(size))
    }

    public func decode(_ block: [UInt8]) throws -> [Field] {
        var fields: [Field] = []
        var rest = block[...]
        while true {
            var field = nghttp2_nv()
            var flags: Int32 = 0
            let read = rest.withUnsafeBufferPointer {
                nghttp2_hd_inflate_hd2(inflater, &field, &flags, $0.baseAddress, $0.count, 1)
            }
            guard read >= 0 else { throw Violation("a field block that cannot be decoded") }
            rest = rest.dropFirst(read)
            if flags & Int32(NGHTTP2_HD_INFLATE_EMIT.rawValue) != 0 {
                fields.append((Self.text(field.name, field.namelen), Self.text(field.value, field.valuelen)))
            }
            guard flags & Int32(NGHTTP2_HD_INFLATE_FINAL.rawValue) == 0 else { break }
        }
        nghttp2_hd_inflate_end_headers(inflater)
        return fields
    }

    private static func text(_ start: UnsafeMutablePointer<UInt8>?, _ count: Int) -> String {
        String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }
}
