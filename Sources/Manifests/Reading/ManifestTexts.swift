import NIOCore

/// Where the documents of a file begin and end, as kubectl sees it (`YAMLReader` and `YAMLOrJSONDecoder` of apimachinery): before it knows YAML, by lines.
enum ManifestTexts {
    /// Whether kubectl takes a text for JSON.
    static func beginsWithBrace(_ text: ByteBuffer) -> Bool {
        text.readableBytesView.dropFirst(markLength(text)).first { !isSpace($0) } == UInt8(ascii: "{")
    }

    /// The documents between lines of three hyphens, with the number of the first line of each.
    static func yaml(_ text: ByteBuffer) -> [(firstLine: Int, text: ByteBuffer)] {
        // In UTF-16 nothing is looked for.
        guard ![[0xFE, 0xFF], [0xFF, 0xFE]].contains(Array(text.readableBytesView.prefix(2))) else { return [(1, text)] }
        var documents: [(firstLine: Int, text: ByteBuffer)] = []
        var (rest, start, firstLine, line) = (text, text.readerIndex, 1, 1)
        func add(until end: Int) {
            if end > start, let document = text.getSlice(at: start, length: end - start) {
                documents.append((firstLine, document))
            }
        }
        while rest.readableBytes > 0 {
            let view = rest.readableBytesView
            let length = view.firstIndex(of: UInt8(ascii: "\n")).map { $0 - view.startIndex + 1 } ?? view.count
            let lineStart = rest.readerIndex
            rest.moveReaderIndex(forwardBy: length)
            line += 1
            guard isSeparator(view.prefix(length)) else { continue }
            add(until: lineStart)
            (start, firstLine) = (rest.readerIndex, line)
        }
        add(until: text.writerIndex)
        return documents
    }

    private static func isSeparator(_ line: ByteBufferView) -> Bool {
        line.starts(with: "---".utf8) && line.dropFirst(3).allSatisfy(isSpace)
    }

    /// JSON values that stand one behind the other, with the place of each in bytes. What is no JSON is part of one of them.
    static func json(_ text: ByteBuffer) -> [(offset: Int, text: ByteBuffer)] {
        var values: [(offset: Int, text: ByteBuffer)] = []
        var (depth, isInString, isEscaped) = (0, false, false)
        var start: Int?
        func add(until end: Int) {
            if let first = start, let value = text.getSlice(at: text.readerIndex + first, length: end - first) {
                values.append((first, value))
            }
            start = nil
        }
        for (offset, byte) in text.readableBytesView.enumerated().dropFirst(markLength(text)) {
            if start == nil {
                if isSpace(byte) { continue }
                start = offset
            }
            switch byte {
            case _ where isEscaped: isEscaped = false
            case UInt8(ascii: "\\") where isInString: isEscaped = true
            case UInt8(ascii: "\""): isInString.toggle()
            case _ where isInString: break
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth == 0 { add(until: offset + 1) }
            default: break
            }
        }
        add(until: text.readableBytes)
        return values
    }

    // MARK: Characters

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }

    /// Of a byte order mark, which libyaml passes over by itself.
    private static func markLength(_ text: ByteBuffer) -> Int { text.readableBytesView.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0 }
}
