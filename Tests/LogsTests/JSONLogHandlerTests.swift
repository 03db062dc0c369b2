import JSON
import KubernetesAPI
import Logging
import Logs
import NIOConcurrencyHelpers
import Testing

@Suite("the log as JSON")
struct JSONLogHandlerTests {
    /// What a logger writes.
    private func lines(level: Logger.Level = .info, _ body: (inout Logger) -> Void) -> [String] {
        let lines = NIOLockedValueBox<[String]>([])
        var logger = Logger(label: "dbmmo") { _ in JSONLogHandler { line in lines.withLockedValue { $0.append(line) } } }
        logger.logLevel = level
        body(&logger)
        return lines.withLockedValue { $0 }
    }

    private func document(_ body: (inout Logger) -> Void) throws -> JSONValue {
        let lines = lines(body)
        try #require(lines.count == 1)
        return try JSONDocument(parsing: lines[0]).root
    }

    @Test("a line tells when, how severe, which part and what, and then what is known by name")
    func members() throws {
        let before = Timestamp.now()
        let line = try document { $0.warning("not reconciled", metadata: ["object": "shop/orders", "error": "409"]) }
        #expect(line.members.map(\.name) == ["ts", "level", "logger", "msg", "error", "object"])
        #expect(line["level"]?.string == "warning")
        #expect(line["logger"]?.string == "LogsTests")
        #expect(line["msg"]?.string == "not reconciled")
        #expect(line["object"]?.string == "shop/orders")
        let time = try #require(line["ts"]?.string.flatMap { Timestamp($0) })
        #expect(before <= time && time <= Timestamp.now())
    }

    @Test("whatever is logged, a line stays one line of JSON")
    func hostileText() throws {
        let text = "a\nb\r\u{2028}\u{0}\"\\{}\u{1F600}"
        let lines = lines { $0.info("\(text)", metadata: ["\(text)": "\(text)"]) }
        #expect(lines.count == 1 && !lines[0].contains("\n") && !lines[0].contains("\r"))
        let line = try JSONDocument(parsing: lines[0]).root
        #expect(line["msg"]?.string == text && line[text]?.string == text)
    }

    @Test("metadata called like the line's own members stands beside them")
    func ownNames() throws {
        let line = try document { $0.info("stopped", metadata: ["msg": "a", "level": "b", "ts": "c", "logger": "d"]) }
        #expect(
            line.members.map(\.name)
                == ["ts", "level", "logger", "msg", "metadata.level", "metadata.logger", "metadata.msg", "metadata.ts"])
        #expect(line["msg"]?.string == "stopped" && line["metadata.msg"]?.string == "a")
    }

    @Test("metadata of the event wins over that of its error, that over the provider's, and that over the logger's")
    func precedence() throws {
        struct Broken: Error, CustomStringConvertible { var description: String { "broken" } }
        func error(_ metadata: Logger.Metadata?, _ error: (any Error)?, _ provided: Logger.Metadata) throws -> String? {
            try document { logger in
                logger.handler.metadataProvider = Logger.MetadataProvider { provided }
                logger[metadataKey: "error"] = "logger's"
                logger.handler.log(
                    event: LogEvent(
                        level: .info, message: "m", error: error, metadata: metadata, source: "s", file: #fileID, function: #function,
                        line: #line))
            }["error"]?.string
        }
        #expect(try error(["error": "event's"], Broken(), ["error": "provider's"]) == "event's")
        #expect(try error(nil, Broken(), ["error": "provider's"]) == "broken")
        #expect(try error(nil, nil, ["error": "provider's"]) == "provider's")
        #expect(try error(nil, nil, [:]) == "logger's")
    }

    @Test("metadata of parts becomes objects and arrays")
    func nested() throws {
        let line = try document { $0.info("m", metadata: ["parts": ["a": ["1", "2"], "b": [:]], "count": .stringConvertible(7)]) }
        #expect(line[path: ["parts", "a"]]?.elements.map(\.string) == ["1", "2"])
        #expect(line[path: ["parts", "b"]]?.members.isEmpty == true)
        #expect(line["count"]?.string == "7")
    }

    @Test("what is less severe than asked for is not written")
    func levels() {
        let lines = lines(level: .warning) {
            $0.info("quiet")
            $0.warning("loud")
        }
        #expect(lines.count == 1)
    }
}
