import Glibc
import JSON
import Subprocess
import TestSupport
import Testing

extension CommandTests {
    @Suite("check, convert and version")
    struct UsageTests {
        private static let legacy = Project.path("manifests/samples/legacy-azure-good.yaml")

        @Test("exit codes tell good from refused, broken, missing and misused")
        func exitCodes() async throws {
            try await TemporaryDirectory.with { directory in
                let broken = try directory.write("a: [", to: "broken.yaml")
                let empty = try directory.write("# nothing\n", to: "empty.yml")
                let cases: [([String], Int32)] = [
                    (["check", "-f", Project.path("manifests/samples/good-oncluster.yaml")], EXIT_SUCCESS),
                    (["check", "-f", Self.legacy], EXIT_SUCCESS),
                    (["check", "-f", Project.path("manifests/samples/bad-oncluster.yaml")], EXIT_FAILURE),
                    (["check", "-f", Project.path("manifests/crd")], EXIT_SUCCESS),
                    (["check", "-f", empty], EXIT_SUCCESS),
                    (["check", "-f", broken], EXIT_FAILURE),
                    (["check", "-f", directory.file("none.yaml")], EX_NOINPUT),
                    (["check", "-f", Self.legacy, "--old", directory.file("none.yaml")], EX_NOINPUT),
                    (["check", "-f", Project.path("docs")], EX_NOINPUT),
                    (["check"], EX_USAGE),
                    (["check", "-f", "-", "-f", "-"], EX_USAGE),
                    (["check", "-f", "-", "--old", "-"], EX_USAGE),
                    (["check", "-f", Self.legacy, "-o", "yaml"], EX_USAGE),
                    (["convert", "-f", Self.legacy, "--to", "v1"], EXIT_SUCCESS),
                    (["convert", "-f", Self.legacy], EX_USAGE),
                    (["convert", "-f", Self.legacy, "--to", "v2"], EX_USAGE),
                    (["convert", "-f", broken, "--to", "v1"], EXIT_FAILURE),
                    (["convert", "-f", directory.file("none.yaml"), "--to", "v1"], EX_NOINPUT),
                    (["version", "--bogus"], EX_USAGE)
                ]
                for (arguments, code) in cases {
                    let outcome = try await Tool.run(Project.binary, arguments)
                    #expect(outcome.exitCode == code, "\(arguments): \(outcome)")
                    #expect(code == EXIT_SUCCESS || !(outcome.output + outcome.errorOutput).isEmpty)
                    #expect(arguments[0] != "convert" || code == EXIT_SUCCESS || outcome.output.isEmpty, "\(arguments): \(outcome)")
                }
            }
        }

        @Test("folders are read with those below them, by name and in order, once where links lead back")
        func folders() async throws {
            try await TemporaryDirectory.with { directory in
                let object = Objects.onCluster("orders")
                try await Tool.demand("mkdir", [directory.file("b"), directory.file("b/d")])
                try await Tool.demand("ln", ["-s", directory.path, directory.file("b/loop")])
                for name in ["z.yml", "a.json", "b/c.yaml", "b/d/e.yaml", "notes.txt", ".hidden.yaml"] {
                    _ = try directory.write(object, to: name)
                }
                let report = try json(try await Tool.demand(Project.binary, ["check", "-f", directory.path, "-o", "json"]))
                #expect(
                    report["objects"]?.elements.map { $0["file"]?.string }
                        == ["a.json", "b/c.yaml", "b/d/e.yaml", "z.yml"].map(directory.file))
            }
        }

        @Test("manifests come from standard input, settings from the environment")
        func environment() async throws {
            let object = Objects.onCluster("orders")
            let checked = try await Tool.run(
                Project.binary, ["check"], environment: ["DBMMO_FILENAME": "-", "DBMMO_OUTPUT": "json", "DBMMO_NAMESPACE": "shop"],
                input: object)
            #expect(try json(checked.output)[path: ["summary", "good"]]?.integer == 1, "\(checked)")
            let converted = try await Tool.run(Project.binary, ["convert", "-f", "-"], environment: ["DBMMO_TO": "v1alpha1"], input: object)
            #expect(converted.output.hasPrefix("apiVersion: cache.my.domain/v1alpha1\nkind: DBMMOMySQL\n"), "\(converted)")
            let wrong = try await Tool.run(Project.binary, ["version"], environment: ["DBMMO_OUTPUT": "xml"])
            #expect(wrong.exitCode == EX_USAGE)
        }

        @Test("version tells what is in use")
        func version() async throws {
            let told = try json(try await Tool.demand(Project.binary, ["version", "-o", "json"]))
            #expect(told.members.map(\.name) == ["version", "commit", "openssl", "nghttp2"])
            #expect(
                told["openssl"]?.string == (try await Tool.demand("openssl", ["version"]).split(separator: " (").first.map(String.init)))
            let text = try await Tool.demand(Project.binary, ["version"]).split(separator: "\n")
            #expect(text.count == 4 && text[0].hasPrefix("version  "))
        }

        @Test("help names every option with its variable", arguments: ["serve", "check", "convert", "certs", "version"])
        func help(command: String) async throws {
            let help = try await Tool.demand(Project.binary, [command, "--help"])
            let options = help.split(separator: "\n").filter { $0.contains("  -") && !$0.contains("--help") && !$0.contains("--version") }
            #expect(options.count >= 1)
            #expect(help.components(of: "[DBMMO_") == options.count, "\(help)")
        }

        @Test("help needs nothing else: no cluster, no files, no home")
        func helpAlone() async throws {
            for arguments in [["--help"], ["help", "serve"], ["check", "-h"], ["--version"]] {
                let outcome = try await Tool.run("env", ["-i", "-C", "/", Project.binary] + arguments)
                #expect(
                    outcome.exitCode == EXIT_SUCCESS && !outcome.output.isEmpty && outcome.errorOutput.isEmpty, "\(arguments): \(outcome)")
            }
        }

        @Test("the shell completes commands, options, values and files")
        func completion() async throws {
            /// What bash offers at the end of a line.
            func offers(_ line: String) async throws -> Set<Substring> {
                let script = """
                    source <("$1" --generate-completion-script bash)
                    read -ra COMP_WORDS <<<"$2"
                    [[ $2 != *' ' ]] || COMP_WORDS+=('')
                    COMP_LINE=$2 COMP_POINT=${#2} COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
                    _dbmmo dbmmo "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
                    printf '%s\\n' "${COMPREPLY[@]}"
                    """
                let outcome = try await Tool.run("bash", ["-c", script, "bash", Project.binary, line])
                return Set(outcome.output.split(separator: "\n"))
            }
            #expect(try await offers("dbmmo ").isSuperset(of: ["serve", "check", "convert", "certs", "version"]))
            #expect(try await offers("dbmmo serve --log-f") == ["--log-format"])
            #expect(try await offers("dbmmo serve --log-format ") == ["text", "json"])
            #expect(try await offers("dbmmo check -f \(Project.path("manifests/sam"))") == [Substring(Project.path("manifests/samples"))])
            for shell in ["zsh", "fish"] {
                #expect(try await Tool.demand(Project.binary, ["--generate-completion-script", shell]).contains("convert"))
            }
        }
    }
}

extension String {
    /// How often a text occurs.
    fileprivate func components(of text: String) -> Int { ranges(of: text).count }
}
