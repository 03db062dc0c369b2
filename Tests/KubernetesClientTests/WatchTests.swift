import JSON
import KubernetesAPI
import NIOCore
import TestSupport
import Testing

@testable import KubernetesClient

@Suite("what a watch tells")
struct WatchTests {
    private func lines(_ parts: [String], limit: Int = 100) throws -> [String] {
        var framer = LineFramer(limit: limit)
        var lines: [String] = []
        for part in parts {
            framer.append(ByteBuffer(string: part))
            while let line = try framer.next() { lines.append(String(buffer: line)) }
        }
        return lines
    }

    @Test("lines are the same wherever they are cut")
    func framing() throws {
        let text = "{\"a\":1}\n\n{\"b\":\"ü\"}\nrest"
        let bytes = Array(text.utf8)
        for first in 0...bytes.count {
            for second in first...bytes.count {
                var framer = LineFramer(limit: 100)
                var lines: [String] = []
                for part in [bytes[..<first], bytes[first..<second], bytes[second...]] {
                    framer.append(ByteBuffer(bytes: part))
                    while let line = try framer.next() { lines.append(String(buffer: line)) }
                }
                #expect(lines == ["{\"a\":1}", "", "{\"b\":\"ü\"}"])
                #expect(framer.hasPartOfLine)
            }
        }
    }

    @Test("a line may have the limit and not more, whether or not it has ended")
    func longLines() throws {
        #expect(try lines(["12345\n"], limit: 5) == ["12345"])
        #expect(throws: LineFramer.LineTooLong(limit: 5)) { try lines(["123456\n"], limit: 5) }
        #expect(throws: LineFramer.LineTooLong(limit: 5)) { try lines(["123", "456"], limit: 5) }
    }

    @Test("events")
    func events() throws {
        func event(_ text: String) throws -> WatchEvent { try WatchEvent(line: ByteBuffer(string: text)) }
        let a = try object("a", version: 3)
        #expect(try event(eventText("ADDED", objectText("a", version: 3))) == .added(a))
        #expect(try event(eventText("MODIFIED", objectText("a", version: 3))) == .modified(a))
        #expect(try event(eventText("DELETED", objectText("a", version: 3))) == .deleted(a))
        let bookmark = #"{"kind":"ConfigMap","metadata":{"resourceVersion":"12","creationTimestamp":null}}"#
        #expect(try event(eventText("BOOKMARK", bookmark)) == .bookmark(resourceVersion: "12"))
        guard case .failure(let status) = try event(eventText("ERROR", statusText(410, "Expired"))) else { return #expect(Bool(false)) }
        #expect(status.code == 410 && status.reason == .expired)
        for text in [
            "", "{", "{}", #"{"type":"ADDED"}"#, #"{"type":"ADDED","object":{}}"#, #"{"type":"OTHER","object":{"metadata":{"name":"a"}}}"#
        ] {
            #expect(throws: WatchEvent.Malformed.self) { try event(text) }
        }
    }

    @Test("an object keeps the bytes of its own and nothing of the text that it came in")
    func ownBytes() throws {
        let a = try object("a", version: 3)
        #expect(String(buffer: a.bytes) == objectText("a", version: 3))
        #expect(a.bytes.storageCapacity < 2 * a.bytes.readableBytes)
        #expect(try a.json()["metadata"]?["uid"]?.string == "uid-a")
    }
}
