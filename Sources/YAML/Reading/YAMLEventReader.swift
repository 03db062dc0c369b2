import CLibYAML
import NIOCore

/// libyaml's parser. This is the only file that calls it.
final class YAMLEventReader {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let input: UnsafeMutableBufferPointer<UInt8>
    private let firstLine: Int
    private var hasEnded = false

    /// - Parameter firstLine: The number of the text's first line.
    /// - Throws: `YAMLError` when the text is larger than `maximumSize`, in bytes.
    init(_ text: ByteBuffer, maximumSize: Int, firstLine: Int) throws(YAMLError) {
        self.firstLine = firstLine
        guard text.readableBytes <= maximumSize else {
            throw YAMLError(.tooLarge(limit: maximumSize), at: YAMLPosition(line: 1, column: 1))
        }
        // libyaml reads from where the text lies, so the text must not move.
        input = .allocate(capacity: text.readableBytes)
        _ = input.initialize(from: text.readableBytesView)
        parser = .allocate(capacity: 1)
        parser.initialize(to: yaml_parser_t())
        guard yaml_parser_initialize(parser) == 1 else {
            input.deallocate()
            parser.deallocate()
            throw YAMLError(.outOfMemory, at: YAMLPosition(line: 1, column: 1))
        }
        yaml_parser_set_input_string(parser, input.baseAddress, input.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        input.deallocate()
    }

    /// The next event; after the end of the stream, or an error, its end again and again.
    func next() throws(YAMLError) -> YAMLEvent {
        guard !hasEnded else { return YAMLEvent(content: .streamEnd, position: position(parser.pointee.mark)) }
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else {
            hasEnded = true
            throw fault
        }
        defer { yaml_event_delete(&event) }
        let content = Self.content(of: event)
        if case .streamEnd = content { hasEnded = true }
        return YAMLEvent(content: content, position: position(event.start_mark))
    }

    private static func content(of event: yaml_event_t) -> YAMLEvent.Content {
        switch event.type {
        case YAML_STREAM_START_EVENT: .streamStart
        case YAML_DOCUMENT_START_EVENT: .documentStart
        case YAML_DOCUMENT_END_EVENT: .documentEnd
        case YAML_ALIAS_EVENT: .alias(string(event.data.alias.anchor) ?? "")
        case YAML_SCALAR_EVENT:
            .scalar(
                YAMLEvent.Scalar(
                    anchor: string(event.data.scalar.anchor), tag: string(event.data.scalar.tag),
                    text: String(
                        decoding: UnsafeBufferPointer(start: event.data.scalar.value, count: event.data.scalar.length), as: UTF8.self),
                    isImplicit: event.data.scalar.plain_implicit != 0))
        case YAML_SEQUENCE_START_EVENT: .sequenceStart(anchor: string(event.data.sequence_start.anchor))
        case YAML_SEQUENCE_END_EVENT: .sequenceEnd
        case YAML_MAPPING_START_EVENT: .mappingStart(anchor: string(event.data.mapping_start.anchor))
        case YAML_MAPPING_END_EVENT: .mappingEnd
        default: .streamEnd
        }
    }

    private static func string(_ text: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        text.map { String(cString: $0) }
    }

    private func position(_ mark: yaml_mark_t) -> YAMLPosition {
        YAMLPosition(line: Int(clamping: mark.line) &+ firstLine, column: Int(clamping: mark.column) &+ 1)
    }

    /// What the parser stopped at.
    private var fault: YAMLError {
        let state = parser.pointee
        let problem = state.problem.map { String(cString: $0) } ?? "not YAML"
        switch state.error {
        case YAML_MEMORY_ERROR:
            return YAMLError(.outOfMemory, at: position(state.mark))
        case YAML_READER_ERROR:
            // The reader is ahead of the marks, and tells bytes only.
            return YAMLError(.syntax(problem), at: position(ofByte: state.problem_offset))
        default:
            let context = state.context.map { "\(String(cString: $0)): " } ?? ""
            return YAMLError(.syntax(context + problem), at: position(state.problem_mark))
        }
    }

    /// The place of a byte, exact in UTF-8; in UTF-16 the columns are those of the bytes.
    private func position(ofByte offset: Int) -> YAMLPosition {
        var position = YAMLPosition(line: firstLine, column: 1)
        for byte in input.prefix(max(0, offset)) {
            if byte == UInt8(ascii: "\n") {
                position = YAMLPosition(line: position.line &+ 1, column: 1)
            } else if byte & 0xC0 != 0x80 {
                position.column &+= 1
            }
        }
        return position
    }
}
