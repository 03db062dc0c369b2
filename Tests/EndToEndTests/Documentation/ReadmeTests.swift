import Subprocess
import TestSupport
import Testing

extension DocumentationTests {
    @Suite("the README", .controlPlaneAvailable)
    struct ReadmeTests {
        /// Types the commands one after the other into one shell. `make run` serves beside the others until all are done.
        private static let typist = """
            cd "$2" || exit 1
            PATH="$3:$PATH" out=$1 server= number=0
            finish() {
                [ -z "$server" ] || kill "$server"
                [ -z "${CONTROL_PLANE_DIR:-}" ] || scripts/control-plane stop 2>/dev/null
                wait
            }
            trap finish EXIT
            while IFS= read -r command; do
                number=$((number + 1))
                if [ "$command" = "make run" ]; then
                    make run >"$out/$number" 2>&1 </dev/null &
                    server=$!
                    until grep -q '^serving;' "$out/$number"; do
                        kill -0 "$server" || exit 1
                        sleep 0.1
                    done
                else
                    eval "$command" >"$out/$number" 2>&1 </dev/null
                fi
            done <"$out/commands"
            """

        @Test("its terminal sessions, typed one after the other, print what it shows")
        func sessions() async throws {
            let sessions = try TerminalSession.all(in: "README.md")
            #expect(sessions.count >= 10)
            let (port, operationsPort) = (try LoopbackAddress.freePort(), try LoopbackAddress.freePort())
            let assets = try await Tool.demand(Project.path("scripts/control-plane"), ["assets"]).trimmed
            try await TemporaryDirectory.with { directory in
                let commands = sessions.map { $0.command.replacing("9443", with: "\(port)") + "\n" }.joined()
                _ = try directory.write(commands, to: "commands")
                let outcome = try await Tool.run(
                    "bash", ["-c", Self.typist, "bash", directory.path, Project.root, Project.binaryFolder],
                    environment: [
                        // A machine of nobody's, where no cluster is known.
                        "HOME": directory.path, "KUBECONFIG": nil, "CONTROL_PLANE_DIR": nil, "KUBERNETES_SERVICE_HOST": nil,
                        "KUBEBUILDER_ASSETS": assets, "DBMMO_BINARY": Project.binary, "DBMMO_CERT_DIR": directory.file("certs"),
                        "LISTEN": "127.0.0.1:\(port)", "OPS_LISTEN": "127.0.0.1:\(operationsPort)"
                    ])
                for (number, session) in sessions.enumerated() {
                    let text = (try? directory.text(of: "\(number + 1)")) ?? ""
                    let lines = text.replacing(":\(port)", with: ":9443").replacing(":\(operationsPort)", with: ":8080")
                        .replacing(directory.file("certs"), with: "certs").split(separator: "\n", omittingEmptySubsequences: false)
                    let shown = TerminalSession(command: session.command, output: session.output.map(Self.timeless))
                    #expect(shown.shows(Self.answer(of: lines).map(Self.timeless)), "$ \(session.command)\n\(text)\(outcome)")
                }
            }
        }

        /// What `make run` logs once it serves is about the other commands.
        private static func answer(of lines: [Substring]) -> [String] {
            let end = lines.firstIndex { $0.hasPrefix("serving;") }.map { $0 + 1 } ?? lines.count - 1
            return lines.prefix(end).map(String.init)
        }

        /// Without days and without the spaces that some versions of kubectl put at the end.
        private static func timeless(_ line: String) -> String {
            var line = line.replacing(#/\d{4}-\d{2}-\d{2}/#, with: "DAY")
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}
