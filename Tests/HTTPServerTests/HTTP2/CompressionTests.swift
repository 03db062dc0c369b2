import TestSupport
import Testing

/// A GET of this path, as small as can be: both tables' entries and one literal.
private func get(_ path: HeaderBlock) -> HeaderBlock {
    .indexed(2) + .indexed(7) + path + .literal(nameOf: 1, "test")
}

private let info = get(.literal(nameOf: 4, "/info"))

@Suite("HTTP/2: header compression (RFC 7541)", .timeLimit(.minutes(1)))
struct CompressionTests {
    @Test(
        "each representation is understood",
        arguments: [
            Case("indexed", .headers(1, info), to: .answer(1, 200)),
            Case(
                "with incremental indexing and a known name", .headers(1, get(.literal(nameOf: 4, "/info", .incremental))),
                to: .answer(1, 200)),
            Case(
                "with incremental indexing and a new name", .headers(1, info + .literal("x-new", "1", .incremental)), to: .answer(1, 200)),
            Case("without indexing and a new name", .headers(1, info + .literal("x-new", "1", .without)), to: .answer(1, 200)),
            Case(
                "never indexed, both", .headers(1, get(.literal(nameOf: 4, "/info", .never)) + .literal("x", "1", .never)),
                to: .answer(1, 200)),
            Case("an empty value", .headers(1, info + .literal("x-new", "")), to: .answer(1, 200)),
            // "www.example.com", from RFC 7541 appendix C.4.1.
            Case(
                "Huffman",
                .headers(1, info + .literal("x", huffman: [0xF1, 0xE3, 0xC2, 0xE5, 0xF2, 0x3A, 0x6B, 0xA0, 0xAB, 0x90, 0xF4, 0xFF])),
                to: .answer(1, 200)),
            Case(
                "an integer in more bytes than it needs",
                .headers(1, info + HeaderBlock(bytes: [0x00, 0x01, 0x78, 0x7F, 0x80, 0x80, 0x00] + Array(repeating: 0x78, count: 127))),
                to: .answer(1, 200)),
            Case("a table size update", .headers(1, .tableSize(0) + info), to: .answer(1, 200)),
            Case("two table size updates", .headers(1, .tableSize(0) + .tableSize(4096) + info), to: .answer(1, 200)),
            Case("the largest table size", .headers(1, .tableSize(4096) + info), to: .answer(1, 200))
        ])
    func representations(_ tried: Case) async throws {
        try await tried.run()
    }

    @Test(
        "a block that cannot be decoded is COMPRESSION_ERROR of the connection",
        arguments: [
            Case("index 0", .headers(1, info + .indexed(0)), to: .connectionError(.compressionError)),
            Case("an index beyond the tables", .headers(1, info + .indexed(62)), to: .connectionError(.compressionError)),
            Case("an index far beyond the tables", .headers(1, info + .indexed(70_000)), to: .connectionError(.compressionError)),
            Case("a name beyond the tables", .headers(1, info + .literal(nameOf: 62, "x")), to: .connectionError(.compressionError)),
            Case("an integer without end", .headers(1, info + ones(20)), to: .connectionError(.compressionError)),
            Case("an integer of 2^63", .headers(1, info + ones(9) + HeaderBlock(bytes: [1])), to: .connectionError(.compressionError)),
            Case(
                "a string length without end", .headers(1, info + HeaderBlock(bytes: [0, 1, 0x78, 0x7F]) + ones(12)),
                to: .connectionError(.compressionError)),
            Case("half an integer", .headers(1, info + HeaderBlock(bytes: [0xFF, 0x80])), to: .connectionError(.compressionError)),
            Case("half a name", .headers(1, info + HeaderBlock(bytes: [0, 5, 0x78])), to: .connectionError(.compressionError)),
            Case("half a value", .headers(1, info + HeaderBlock(bytes: [0, 1, 0x78, 3, 0x78])), to: .connectionError(.compressionError)),
            Case("no value", .headers(1, info + HeaderBlock(bytes: [0, 1, 0x78])), to: .connectionError(.compressionError)),
            // "a" is 00011 in Huffman's code.
            Case("padding of 8 bits", huffman([0b00011_111, 0xFF]), to: .connectionError(.compressionError)),
            Case("padding of 11 bits", huffman([0b00011_000, 0b11_111111, 0xFF]), to: .connectionError(.compressionError)),
            Case("padding with zeroes", huffman([0b00011_000]), to: .connectionError(.compressionError)),
            Case("padding not all ones", huffman([0b00011_101]), to: .connectionError(.compressionError)),
            Case("the end of the string as a symbol", huffman([0xFF, 0xFF, 0xFF, 0xFF]), to: .connectionError(.compressionError)),
            Case("the end of the string after another", huffman([0x1F, 0xFF, 0xFF, 0xFF, 0xFF]), to: .connectionError(.compressionError)),
            Case("a table larger than SETTINGS", .headers(1, .tableSize(4097) + info), to: .connectionError(.compressionError)),
            Case("a table of 2^32 - 1", .headers(1, .tableSize(1 << 32 - 1) + info), to: .connectionError(.compressionError)),
            Case("a table size amid the fields", .headers(1, .indexed(2) + .tableSize(0) + info), to: .connectionError(.compressionError)),
            Case("a table size at the end", .headers(1, info + .tableSize(0)), to: .connectionError(.compressionError)),
            Case(
                "in a trailer", .headers(1, .post("/echo"), .endHeaders), .headers(1, .indexed(0)), to: .connectionError(.compressionError)),
            Case(
                "in a request that is refused", .headers(1, .get("/nothing") + .indexed(0)), to: .connectionError(.compressionError)),
            Case(
                "cut into frames", .headers(1, info, .endStream), .continuation(1, .indexed(0)), to: .connectionError(.compressionError))
        ])
    func faults(_ tried: Case) async throws {
        try await tried.run()
    }

    private static func ones(_ count: Int) -> HeaderBlock {
        HeaderBlock(bytes: Array(repeating: 0xFF, count: count))
    }

    private static func huffman(_ bytes: [UInt8]) -> Frame {
        .headers(1, info + .literal("x", huffman: bytes))
    }

    @Test("the table is kept from one request to the next, newest first")
    func table() async throws {
        try await withHTTP2Client { client in
            await client.send(.headers(1, get(.literal(nameOf: 4, "/info?1", .incremental))))
            await client.send(.headers(3, get(.literal(nameOf: 62, "/info?2", .incremental))))
            await client.send(.headers(5, get(.indexed(62))), .headers(7, get(.indexed(63))))
            #expect(try await client.answer(on: 5).body == "GET /info 2 0 ")
            try await client.expect(.answer(7, 200))
            #expect(client.exchanges[7]?.body == "GET /info 1 0 ")
        }
    }

    @Test(
        "the table is kept also when the request is not served",
        arguments: [HeaderBlock.literal("UPPER", "malformed"), .literal(":unknown", "malformed"), .literal("expect", "refused")])
    func tableOfRefused(field: HeaderBlock) async throws {
        try await withHTTP2Client { client in
            await client.send(.headers(1, get(.literal(nameOf: 4, "/info?1", .incremental)) + field + .literal("x", "y", .incremental)))
            await client.send(.headers(3, get(.indexed(63)) + .indexed(62)))
            try await client.expect(.answer(3, 200))
            #expect(client.exchanges[3]?.body == "GET /info 1 0 ")
        }
    }

    /// `:path` and its value take 5 + 7 + 32 bytes of the table.
    private static let path = HeaderBlock.literal(nameOf: 4, "/info?1", .incremental)

    @Test(
        "what does not fit into the table falls out of it",
        arguments: [
            Case("room for both", .headers(1, get(path) + filler(4052)), .headers(3, get(.indexed(63))), to: .answer(3, 200)),
            Case(
                "a byte too much", .headers(1, get(path) + filler(4053)), .headers(3, get(.indexed(63))),
                to: .connectionError(.compressionError)),
            Case(
                "the newer one stays", .headers(1, get(path) + filler(4096)), .headers(3, info + .indexed(62)), to: .answer(3, 200)),
            Case(
                "an entry larger than the table empties it", .headers(1, get(path) + filler(4097)), .headers(3, info + .indexed(62)),
                to: .connectionError(.compressionError)),
            Case("a table just large enough", .headers(1, get(path)), .headers(3, .tableSize(44) + get(.indexed(62))), to: .answer(3, 200)),
            Case(
                "a table made smaller", .headers(1, get(path)), .headers(3, .tableSize(43) + get(.indexed(62))),
                to: .connectionError(.compressionError)),
            Case(
                "a table made smaller and larger again", .headers(1, get(path)),
                .headers(3, .tableSize(0) + .tableSize(4096) + get(.indexed(62))), to: .connectionError(.compressionError))
        ])
    func eviction(_ tried: Case) async throws {
        try await tried.run()
    }

    /// A field that takes this much of the table.
    private static func filler(_ size: Int) -> HeaderBlock {
        .literal("x", String(repeating: "x", count: size - 33), .incremental)
    }
}
