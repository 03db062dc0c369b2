import Glibc
import Subprocess
import TestSupport
import Testing

extension ProcessTests {
    @Suite("starting dbmmo")
    struct StartTests {
        @Test("the server is ready at once")
        func startingTime() async throws {
            try await WebhookServer.with { server in
                var times = [await server.startingTime]
                for _ in 0..<4 {
                    try await server.stop()
                    try await server.restart()
                    times.append(await server.startingTime)
                }
                let best = try #require(times.min())
                print("ready after \(best) at best of \(times.count)")
                // A debug build on a machine that does other things; a release build takes less than a tenth of a second.
                #expect(best < .milliseconds(500))
            }
        }

        @Test("an unknown option is wrong usage")
        func unknownOption() async throws {
            let outcome = try await Tool.run(Project.binary, ["serve", "--bogus"])
            #expect(outcome.exitCode == EX_USAGE)
            #expect(outcome.errorLines.first == "Error: Unknown option '--bogus'")
        }

        @Test("a value that cannot be read is wrong usage, in the environment too")
        func wrongValue() async throws {
            let option = try await Tool.run(Project.binary, ["serve", "--listen", "nowhere"])
            #expect(option.exitCode == EX_USAGE)
            let variable = try await TemporaryDirectory.with { directory in
                try await Tool.demand(Project.binary, ["certs", "--dir", directory.file("certs")])
                return try await Tool.run(
                    Project.binary, ["serve", "--cert-dir", directory.file("certs")], environment: ["DBMMO_LISTEN": "nowhere"])
            }
            #expect(variable.exitCode == EX_USAGE)
            #expect(variable.errorLines.first == "dbmmo: DBMMO_LISTEN='nowhere' is not valid")
        }

        @Test("a port that is taken ends the program with one line", arguments: ["--listen", "--ops-listen"])
        func portInUse(option: String) async throws {
            try await WebhookServer.with { server in
                let free = try LoopbackAddress.freePort()
                let other = option == "--listen" ? "--ops-listen" : "--listen"
                let outcome = try await Tool.run(
                    Project.binary,
                    ["serve", "--cert-dir", server.certificates, option, "127.0.0.1:\(server.port)", other, "127.0.0.1:\(free)"])
                #expect(outcome.exitCode == EXIT_FAILURE)
                #expect(outcome.errorLines == ["dbmmo: cannot listen on 127.0.0.1:\(server.port): Address already in use"])
            }
        }

        /// Certificates that cannot be used: commands that make them in the directory of good ones, and the line that says what is wrong.
        static let unusable: [(what: String, commands: String, message: String)] = [
            ("a missing certificate", "rm tls.crt", "tls.crt does not exist"),
            ("a missing key", "rm tls.key", "tls.key does not exist"),
            ("an unreadable certificate", "rm tls.crt; mkdir tls.crt", "tls.crt cannot be read: Is a directory"),
            (
                "an expired certificate",
                "openssl req -new -key tls.key -subj /CN=expired | openssl x509 -req -signkey tls.key -days -1 -out tls.crt",
                "tls.crt: the certificate of CN=expired expired at "
            ),
            (
                "a key of another certificate", "openssl ecparam -name prime256v1 -genkey -noout -out tls.key",
                "is not the private key of the first certificate in "
            ),
            ("a certificate that is no PEM", "echo nonsense >tls.crt", "tls.crt"),
            ("a key that is no PEM", "echo nonsense >tls.key", "tls.key")
        ]

        @Test("a certificate that cannot be used ends the program with one line that says why", arguments: unusable.indices)
        func unusableCertificate(index: Int) async throws {
            let (what, commands, message) = Self.unusable[index]
            try await TemporaryDirectory.with { directory in
                try await Tool.demand(Project.binary, ["certs", "--dir", directory.path])
                try await Tool.demand("sh", ["-c", "set -e; cd \"$1\"; \(commands)", "sh", directory.path])
                let outcome = try await Tool.run(
                    Project.binary, ["serve", "--cert-dir", directory.path, "--listen", "127.0.0.1:0", "--ops-listen", "127.0.0.1:0"])
                #expect(outcome.exitCode == EX_CONFIG, "\(what): \(outcome)")
                #expect(outcome.errorLines.count == 1, "\(what): \(outcome)")
                #expect(outcome.errorOutput.hasPrefix("dbmmo: ") && outcome.errorOutput.contains(message), "\(what): \(outcome)")
                #expect(outcome.output.isEmpty)
            }
        }

        @Test("certs makes what serve and curl accept, with keys for their owner alone, and replaces nothing unasked")
        func certificates() async throws {
            try await TemporaryDirectory.with { directory in
                let first = try await Tool.run(Project.binary, ["certs", "--dir", directory.path])
                #expect(first.exitCode == 0, "\(first)")
                let files = ["ca.crt", "ca.key", "tls.crt", "tls.key"]
                #expect(first.lines.sorted() == files.map(directory.file))
                for key in ["ca.key", "tls.key"] {
                    #expect(try await Tool.demand("stat", ["--format", "%a", directory.file(key)]).trimmed == "600")
                }
                try await Tool.demand("openssl", ["verify", "-CAfile", directory.file("ca.crt"), directory.file("tls.crt")])

                let fingerprint = try await Tool.demand("sha256sum", files.map(directory.file))
                let second = try await Tool.run(Project.binary, ["certs", "--dir", directory.path])
                #expect(second.exitCode == EXIT_FAILURE)
                #expect(second.errorLines.count == 1 && second.errorOutput.contains("--force"), "\(second)")
                #expect(try await Tool.demand("sha256sum", files.map(directory.file)) == fingerprint)
                let forced = try await Tool.run(Project.binary, ["certs", "--dir", directory.path, "--force"])
                #expect(forced.exitCode == 0, "\(forced)")
                #expect(try await Tool.demand("sha256sum", files.map(directory.file)) != fingerprint)
            }
        }
    }
}
