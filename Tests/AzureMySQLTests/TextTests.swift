import HTTPCalls
import JSON
import NIOCore
import NIOHTTP1
import Testing

@testable import AzureMySQL

@Suite("texts of others")
struct TextTests {
    private static let manager = AzureEndpoints(
        resourceManager: "https://management.azure.com", authority: "https://login.test", audience: "https://management.azure.com")

    @Test(
        "URLs of the same origin are followed",
        arguments: [
            ("https://management.azure.com/a?b=c", "/a?b=c"), ("HTTPS://MANAGEMENT.AZURE.COM:443/a", "/a"),
            ("https://management.azure.com?x", "/?x"), ("https://management.azure.com", "/")
        ])
    func sameOrigin(url: String, target: String) {
        #expect(AzureRequest(following: url, Self.manager)?.target == target)
    }

    @Test(
        "URLs of others are not followed",
        arguments: [
            "http://management.azure.com/a", "https://management.azure.com:444/a", "https://management.azure.com.evil.test/a",
            "https://management.azure.com@evil.test/a", "https://evil.test/https://management.azure.com/", "//management.azure.com/a",
            "/a", "", "https://", "https:///a", "https://evil.test\\@management.azure.com/", "https://management.azure.com\\.evil.test/a",
            "https://management.azure.com/a b", "https://management.azure.com/a\r\nX: y", "https://management.azure.com/ä",
            "https://management.azure.com#@evil.test/", "ftp://management.azure.com/a", "https://management.azure.com:0/a",
            "https://management.azure.com:x/a", "https://[::1]/a", "https://[/a"
        ])
    func otherOrigin(url: String) {
        #expect(AzureRequest(following: url, Self.manager) == nil)
    }

    @Test("where Resource Manager has a path, URLs below it are followed")
    func prefixes() {
        let endpoints = AzureEndpoints(resourceManager: "https://proxy.test/arm/", authority: "", audience: "")
        #expect(AzureRequest(following: "https://proxy.test/arm/a?b", endpoints)?.target == "/a?b")
        for path in ["/armour/a", "/a", "", "/ar"] { #expect(AzureRequest(following: "https://proxy.test\(path)", endpoints) == nil) }
    }

    @Test("an address may be one of IPv6")
    func addresses() {
        let endpoints = AzureEndpoints(resourceManager: "http://[::1]:8080", authority: "", audience: "")
        #expect(AzureRequest(following: "http://[::1]:8080/a", endpoints)?.target == "/a")
        #expect(AzureRequest(following: "http://[::1]:8081/a", endpoints) == nil)
    }

    @Test("secrets are blanked however they are written")
    func redaction() {
        let redaction = Redaction([Secret("pa ss\"1"), Secret("pa"), Secret("")])
        #expect(redaction.message(#"got pa ss"1, pa%20ss%221 and pa ss\"1"#) == "got [secret], [secret] and [secret]")
        #expect(redaction.message("papa") == "[secret][secret]")
    }

    @Test("messages are one short line without marks that change how it reads")
    func lines() {
        let redaction = Redaction([])
        #expect(redaction.message("  a\r\n\tb\u{2028}c \u{202E}d\u{0} ") == "a b c d")
        #expect(redaction.message(String(repeating: "x", count: 5000)).count == Redaction.messageLimit)
        #expect(redaction.code(String(repeating: "x", count: 5000)).count < 200)
    }

    @Test("what users add to the user agent cannot begin another header field")
    func userAgents() {
        #expect(UserAgent.text(["dbmmo/1.0", "a\r\nAuthorization: x"]) == "dbmmo/1.0 aAuthorization: x")
        #expect(UserAgent.text(["dbmmo/1.0", nil]) == "dbmmo/1.0")
        #expect(UserAgent.text(["dbmmo/1.0", "ä\n"]) == "dbmmo/1.0")
    }

    @Test(
        "a pause is a number of seconds or a date",
        arguments: [
            ("0", Duration.zero), ("7", .seconds(7)), ("99999999999999999999999", .seconds(86_400)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", .seconds(37)), ("Sun, 06 Nov 1994 08:48:00 GMT", .zero),
            ("Thu, 29 Feb 2024 00:00:00 GMT", .seconds(86_400)), ("-1", nil), ("", nil), ("1.5", nil), ("soon", nil),
            ("Sun, 06 Non 1994 08:49:37 GMT", nil), ("Sun, 06 Nov 1994 08:49 GMT", nil), ("Sun, 06 Nov 99999 08:49:37 GMT", nil)
        ])
    func pauses(text: String, pause: Duration?) {
        // 1994-11-06T08:49:00Z.
        #expect(RetryAfter.pause(text, now: 784_111_740) == pause)
    }

    @Test("a failure is told by its most specific part")
    func errors() throws {
        func read(_ text: String) throws -> ErrorDocument? {
            ErrorDocument(try JSONDocument(parsing: ByteBuffer(string: text)).root, Redaction([]))
        }
        let nested =
            #"{"error":{"code":"A","message":"a","details":[{"x":1},{"code":"B","message":"b","details":[{"code":"C","message":"c"}]}]}}"#
        #expect(try read(nested)?.code == "A")
        #expect(try read(nested)?.cause == ErrorDocument.Cause(code: "C", message: "c"))
        #expect(try read(#"{"code":"A","message":"a","details":[{"code":"B"}]}"#)?.cause == .init(code: "A", message: "a"))
        #expect(try read(#"{"error":"text"}"#) == nil)
        #expect(try read("[]") == nil)
        let page = HTTPAnswer(status: 502, headers: [:], body: ByteBuffer(string: "<html>\nbad"))
        #expect(ErrorDocument(page, Redaction([])).cause == .init(code: "HTTP502", message: "an answer that is not Azure's"))
    }

    @Test("the clouds are where Microsoft says they are")
    func clouds() {
        #expect(AzureEndpoints.cloud(named: "AzurePublicCloud")?.resourceManager == "https://management.azure.com")
        #expect(AzureEndpoints.cloud(named: "AzureChinaCloud")?.authority == "https://login.chinacloudapi.cn")
        #expect(AzureEndpoints.cloud(named: "AzureUSGovernmentCloud")?.audience == "https://management.usgovcloudapi.net")
        #expect(AzureEndpoints.cloud(named: "AzureGermanCloud") == nil)
    }
}
