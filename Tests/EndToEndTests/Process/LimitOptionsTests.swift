import Glibc
import Subprocess
import TestSupport
import Testing

extension ProcessTests {
    @Suite("the options for limits")
    struct LimitOptionsTests {
        /// A limit given by its option or by its environment variable.
        enum Way: CaseIterable {
            case option, variable
        }

        private func with(_ option: String, _ value: String, _ way: Way, _ body: (WebhookServer) async throws -> Void) async throws {
            let quick = ["--shutdown-delay", "0s"]
            switch way {
            case .option: try await WebhookServer.with(options: quick + [option, value], body)
            case .variable:
                let variable = Environment.Key(rawValue: Self.variable(of: option))
                try await WebhookServer.with(options: quick, environment: variable.map { [$0: value] } ?? [:], body)
            }
        }

        private static func variable(of option: String) -> String {
            "DBMMO_" + option.dropFirst(2).uppercased().replacing("-", with: "_")
        }

        @Test("the size of a body", arguments: Way.allCases)
        func bodySize(way: Way) async throws {
            try await with("--max-admission-body-size", "2Ki", way) { server in
                let large = String(repeating: " ", count: 2048)
                let tooLarge = try await server.post("/validate", large + "{}").output
                #expect(tooLarge.contains("the request body is limited to 2048 bytes"))
                let onOtherPath = try await server.post("/convert", large + "{}").output
                #expect(onOtherPath.contains(#""reason":"BadRequest""#))
                let review = try await server.post("/validate", Reviews.creation).output
                #expect(review.contains(#""allowed":true"#))
            }
        }

        @Test("the nesting of JSON", arguments: Way.allCases)
        func nesting(way: Way) async throws {
            try await with("--max-json-depth", "20", way) { server in
                let nested = String(repeating: "[", count: 21) + String(repeating: "]", count: 21)
                let tooDeep = try await server.post("/validate", nested).output
                #expect(tooDeep.contains(#""code":400"#) && tooDeep.contains("20"), "\(tooDeep)")
                let review = try await server.post("/validate", Reviews.creation).output
                #expect(review.contains(#""allowed":true"#))
            }
        }

        @Test("the number of connections", arguments: Way.allCases)
        func connections(way: Way) async throws {
            try await with("--max-connections", "1", way) { server in
                let first = try RawConnection(port: server.port)
                let second = try RawConnection(port: server.port)
                // The second, unless so much time went by between them that the first had to make room.
                let isSecondClosed = (try? second.receiveAll()) == ""
                let isOneClosed = isSecondClosed || (try? first.receiveAll()) == ""
                #expect(isOneClosed)
            }
        }

        @Test("the number of connections from one address", arguments: Way.allCases)
        func connectionsPerAddress(way: Way) async throws {
            try await with("--max-connections-per-address", "1", way) { server in
                let sources = [2, 2, 3].map(LoopbackAddress.Source.init)
                let connections = try sources.map { try RawConnection(port: server.port, from: $0) }
                // The second makes the first go, and not the third.
                #expect(try connections[0].receiveAll() == "")
                let metrics = try await server.metrics()
                #expect(metrics["dbmmo_http_connections"] == 2)
                #expect(metrics["dbmmo_http_refused_total", ["reason": "connection_evicted"]] == 1)
                withExtendedLifetime(connections) {}
            }
        }

        @Test("the size of a header", arguments: Way.allCases)
        func headerSize(way: Way) async throws {
            try await with("--max-header-size", "1Ki", way) { server in
                let options = ["--header", "X: \(String(repeating: "x", count: 1024))", "--write-out", "%{http_code}", "--http1.1"]
                let answer = try await server.curl("/validate", options)
                #expect(answer.lines.last?.hasSuffix("431") == true)
            }
        }

        @Test("the time for a header", arguments: Way.allCases)
        func headerTimeout(way: Way) async throws {
            try await with("--header-timeout", "300ms", way) { server in
                let client = "(printf 'GET /in'; sleep 3) | openssl s_client -quiet -connect 127.0.0.1:\(server.port)"
                let answer = try await Tool.run("sh", ["-c", client]).output
                #expect(answer.hasPrefix("HTTP/1.1 408 "))
            }
        }

        @Test("the time for a handshake", arguments: Way.allCases)
        func handshakeTimeout(way: Way) async throws {
            try await with("--handshake-timeout", "300ms", way) { server in
                let silent = try RawConnection(port: server.port)
                let received = try silent.receiveAll()
                #expect(received == "")
            }
        }

        @Test(
            "a value that makes no sense is wrong usage, and the message says which would",
            arguments: [
                ("--max-connections", "0", "must be between 1 and 1000000, not 0"),
                ("--max-connections-per-address", "0", "must be between 1 and 1000000, not 0"),
                ("--max-admission-body-size", "2Gi", "must be between 1Ki and 1Gi, not 2Gi"),
                ("--max-header-size", "0", "must be between 1Ki and 1Mi, not 0"),
                ("--header-timeout", "0s", "must be between 100ms and 3600s, not 0s"),
                ("--idle-timeout", "2000m", "must be between 100ms and 3600s, not 2000m"),
                ("--max-json-depth", "513", "must be between 16 and 512, not 513"),
                ("--http2-max-streams", "-1", "must be between 1 and 10000, not -1"),
                ("--max-body-memory", "1Mi", "must have room for the largest body, 64Mi")
            ])
        func senseless(option: String, value: String, message: String) async throws {
            let byOption = try await Tool.run(Project.binary, ["serve", "\(option)=\(value)"])
            #expect(byOption.exitCode == EX_USAGE)
            #expect(byOption.errorLines == ["dbmmo: \(option) \(message)"])
            let variable = try #require(Environment.Key(rawValue: Self.variable(of: option)))
            let byVariable = try await Tool.run(Project.binary, ["serve"], environment: [variable: value])
            #expect(byVariable.exitCode == EX_USAGE)
            #expect(byVariable.errorLines == byOption.errorLines)
        }

        @Test(
            "a value that cannot be read is wrong usage",
            arguments: [
                ("--max-body-memory", "8MB"), ("--max-body-memory", "99999999999"), ("--header-timeout", "soon"),
                ("--max-connections", "many")
            ])
        func unreadable(option: String, value: String) async throws {
            #expect(try await Tool.run(Project.binary, ["serve", option, value]).exitCode == EX_USAGE)
            let name = Self.variable(of: option)
            let byVariable = try await Tool.run(
                Project.binary, ["serve"], environment: [try #require(Environment.Key(rawValue: name)): value])
            #expect(byVariable.exitCode == EX_USAGE)
            #expect(byVariable.errorLines == ["dbmmo: \(name)='\(value)' is not valid"])
        }

        @Test("the help names each option's variable and default")
        func help() async throws {
            let help = try await Tool.demand(Project.binary, ["serve", "--help"])
            let entries = help.split(separator: "\n  --").dropFirst()
            #expect(entries.count > 25)
            for entry in entries {
                let words = entry.split(whereSeparator: \.isWhitespace)
                let option = "--" + (words.first ?? "")
                guard option != "--version" else { continue }
                let variable = Self.variable(of: option)
                #expect(words.contains { ["[\(variable)]", "[\(variable),"].contains($0) }, "\(option)")
                #expect(words.contains("(default:"), "\(option)")
            }
        }

        @Test("the page on limits tells the same as the help")
        func page() async throws {
            let help = try await Tool.demand(Project.binary, ["serve", "--help"])
            let page = try await Tool.demand("cat", [Project.path("docs/limits.md")])
            let section = help.split(separator: "LIMITS OF THE WEBHOOK LISTENER:").last?.split(separator: "\nOPTIONS:").first
            for entry in try #require(section).split(separator: "\n  --").dropFirst() {
                let words = entry.split(whereSeparator: \.isWhitespace).map(String.init)
                guard let option = words.first, let mark = words.firstIndex(of: "(default:"), mark + 1 < words.count else { continue }
                let value = words[mark + 1].prefix { $0 != ")" }
                let row = page.split(separator: "\n").first { $0.contains("`--\(option)`") }
                #expect(row?.contains(" \(value) ") == true, "--\(option) \(value)")
                #expect(row?.contains("`\(Self.variable(of: "--" + option))`") == true)
            }
        }
    }
}
