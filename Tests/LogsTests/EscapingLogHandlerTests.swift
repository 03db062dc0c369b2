import JSON
import Logging
import NIOConcurrencyHelpers
import Testing

@testable import Logs

@Suite("the log as text")
struct EscapingLogHandlerTests {
    @Test("nothing that comes from elsewhere ends a line or steers a terminal")
    func hostileText() throws {
        let lines = NIOLockedValueBox<[String]>([])
        var logger = Logger(label: "dbmmo") { _ in
            EscapingLogHandler(JSONLogHandler { line in lines.withLockedValue { $0.append(line) } })
        }
        let hostile = "eve\n2026-11-28 info all is well\u{1b}[2J\u{202e}\u{7f}"
        let harmless = #"eve\n2026-11-28 info all is well\u{1B}[2J\u{202E}\u{7F}"#
        logger[metadataKey: "user"] = "\(hostile)"
        struct Broken: Error, CustomStringConvertible {
            let description: String
        }
        logger.warning("\(hostile)", error: Broken(description: hostile), metadata: ["names": ["\(hostile)"], "more": ["a": "\(hostile)"]])
        let line = try JSONDocument(parsing: try #require(lines.withLockedValue { $0.first })).root
        #expect(line["msg"]?.string == harmless && line["user"]?.string == harmless && line["error"]?.string == harmless)
        #expect(line["names"]?.elements.first?.string == harmless && line["more"]?["a"]?.string == harmless)
    }

    @Test("what people write stays as it is")
    func harmless() throws {
        let lines = NIOLockedValueBox<[String]>([])
        let logger = Logger(label: "dbmmo") { _ in
            EscapingLogHandler(JSONLogHandler { line in lines.withLockedValue { $0.append(line) } })
        }
        logger.info("Zürich: 例 \"x\" \\")
        let line = try JSONDocument(parsing: try #require(lines.withLockedValue { $0.first })).root
        #expect(line["msg"]?.string == "Zürich: 例 \"x\" \\")
    }
}
