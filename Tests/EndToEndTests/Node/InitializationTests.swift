import JSON
import TestSupport
import Testing

extension NodeTests {
    /// The script of the init container as the worker writes it, on a folder of the tests, with programs that stand for the image's: what it does to
    /// the volume at moments that no real server lets a test choose.
    @Suite("the script that makes a new database", .serialized)
    struct InitializationTests {
        private static let programs = [
            "docker-entrypoint.sh": """
            for argument; do case $argument in --datadir=*) data=${argument#*=} ;; esac; done
            touch "$data/begun"
            sleep "$DELAY"
            echo "$ATTEMPT" >"$data/complete"
            exec mysqld
            """,
            "mysqld": """
            [[ $* != --version ]] || { echo 'mysqld  Ver 8.4.0 for Linux'; exit; }
            trap 'exit 0' TERM
            while :; do sleep 0.05 & wait $!; done
            """,
            "mysql": "case $* in *Host*) echo localhost ;; *--execute*) echo 1 ;; *) cat >/dev/null ;; esac"
        ]

        private static func inVolume(
            _ body: (_ attempt: @Sendable @escaping (String, String) async throws -> Outcome, TemporaryDirectory) async throws -> Void
        )
            async throws
        {
            let database = try await Database.create(#""replicas":0"#)
            try await poll("the StatefulSet is there") { try await database.get("statefulset", "orders") != nil }
            let template = try await database.get("statefulset", "orders")?[path: ["spec", "template", "spec", "initContainers"]]?.elements
                .first
            let script = try #require(template?["command"]?.elements.dropFirst(2).first?.string)
            try await TemporaryDirectory.with { directory in
                try await Tool.demand("mkdir", [directory.file("bin"), directory.file("volume")])
                for (name, text) in programs {
                    _ = try directory.write("#!/bin/bash\n\(text)\n", to: "bin/\(name)")
                    try await Tool.demand("chmod", ["755", directory.file("bin/\(name)")])
                }
                let local = script.replacing("/dev/termination-log", with: directory.file("message"))
                try await body(
                    { name, delay in
                        let variables = [
                            "PATH=\(directory.file("bin")):/usr/bin:/bin", "MYSQL_ROOT_PASSWORD=secret", "ATTEMPT=\(name)", "DELAY=\(delay)"
                        ]
                        return try await Tool.run(
                            "timeout", ["20", "env"] + variables + ["bash", "-c", local, "initialize", directory.file("volume")])
                    }, directory)
            }
        }

        @Test("of two attempts at one volume, only a whole one becomes the database", arguments: [("2", "0.3"), ("0.8", "2")])
        func two(first: String, second: String) async throws {
            try await Self.inVolume { attempt, directory in
                async let slow = attempt("first", first)
                try await poll("the first has begun", every: .milliseconds(5)) { Files.contain("begun", in: directory.file("volume")) }
                let fast = try await attempt("second", second)
                let outcomes = [try await slow, fast]
                #expect(outcomes.filter { $0.exitCode == 0 }.count == 1, "\(outcomes)")
                #expect(try directory.text(of: "volume/mysql/complete") == "second\n")
                #expect(try directory.text(of: "message") == "mysqld  Ver 8.4.0 for Linux\n")
            }
        }

        @Test("files of others on the volume are refused, and nothing is made beside them")
        func foreign() async throws {
            try await Self.inVolume { attempt, directory in
                _ = try directory.write("", to: "volume/ibdata1")
                let outcome = try await attempt("only", "0")
                #expect(outcome.exitCode == 1 && outcome.errorOutput.contains("not empty (ibdata1)"))
                #expect(try directory.text(of: "message").contains("not empty (ibdata1)"))
                #expect(!Files.contain("begun", in: directory.file("volume")))
            }
        }
    }
}
