import FoundationEssentials
import HTTPCalls
import KubernetesAPI
import NIOCore
import TestSupport
import Testing

@testable import KubernetesClient

@Suite("credentials")
struct CredentialTests {
    private func provider(
        fileLife: Duration = .seconds(60), _ change: (inout ClusterConfiguration) -> Void
    ) throws -> AccessProvider {
        var configuration = ClusterConfiguration(server: try #require(ServerAddress("http://127.0.0.1:1")))
        change(&configuration)
        return AccessProvider(configuration, fileLife: fileLife)
    }

    @Test("a token file is read again when its token was refused, and not before")
    func rotation() async throws {
        try await TemporaryDirectory.with { directory in
            let path = try directory.write("one\n", to: "token")
            let provider = try provider { $0.credentials.authorization = .tokenFile(path) }
            let first = try await provider.current()
            #expect(first.authorization == Secret("Bearer one"))
            _ = try directory.write("two\n", to: "token")
            #expect(try await provider.current().authorization == Secret("Bearer one"))
            await provider.refuse(first)
            let second = try await provider.current()
            #expect(second.authorization == Secret("Bearer two"))
            #expect(second.generation != first.generation)
            // A refusal of what is not used any more says nothing.
            await provider.refuse(first)
            #expect(try await provider.current().generation == second.generation)
        }
    }

    @Test("a token is read again after a while; one that cannot be read for a moment is used as it was")
    func unreadableForAMoment() async throws {
        try await TemporaryDirectory.with { directory in
            let path = try directory.write("one", to: "token")
            let provider = try provider(fileLife: .zero) { $0.credentials.authorization = .tokenFile(path) }
            #expect(try await provider.current().authorization == Secret("Bearer one"))
            _ = try directory.write("two", to: "token")
            #expect(try await provider.current().authorization == Secret("Bearer two"))
            try FileManager.default.removeItem(atPath: path)
            let kept = try await provider.current()
            #expect(kept.authorization == Secret("Bearer two"))
            await provider.refuse(kept)
            await #expect(throws: ConfigurationError.self) { try await provider.current() }
        }
    }

    @Test("what was read again and is the same counts as the same")
    func sameAgain() async throws {
        let provider = try provider { $0.credentials.authorization = .basic(username: "alice", password: Secret("s3cret")) }
        let first = try await provider.current()
        #expect(first.authorization == Secret("Basic \(Data("alice:s3cret".utf8).base64EncodedString())"))
        await provider.refuse(first)
        #expect(try await provider.current().generation == first.generation)
    }

    @Test("a missing or empty token file is told by its path")
    func missingToken() async throws {
        try await TemporaryDirectory.with { directory in
            for path in ["/nonexistent/token", try directory.write("\n", to: "empty")] {
                let provider = try provider { $0.credentials.authorization = .tokenFile(path) }
                await #expect {
                    try await provider.current()
                } throws: { "\($0)".contains(path) }
            }
        }
    }

    // MARK: Plugins

    /// A plugin that notes each of its runs in a file.
    private func plugin(_ directory: TemporaryDirectory, _ script: String, clusterInfo: String? = nil) throws -> ExecPlugin {
        let path = try directory.write("#!/bin/sh\necho run >>'\(directory.file("runs"))'\n\(script)\n", to: "plugin")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        return ExecPlugin(
            apiVersion: "client.authentication.k8s.io/v1", command: path, arguments: ["first", "second word"],
            environment: [("PLUGIN_SECRET", Secret("s3cret"))], clusterInfo: clusterInfo, installHint: "install it")
    }

    private func runs(_ directory: TemporaryDirectory) throws -> Int {
        try String(contentsOfFile: directory.file("runs"), encoding: .utf8).split(separator: "\n").count
    }

    private static func credential(_ status: String) -> String {
        #"{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":\#(status)}"#
    }

    @Test("a plugin gets its arguments, its variables and what it asked to know of the cluster")
    func input() async throws {
        try await TemporaryDirectory.with { directory in
            let output = directory.file("seen")
            let script = """
                printf '%s|%s|%s|%s' "$1" "$2" "$PLUGIN_SECRET" "$KUBERNETES_EXEC_INFO" >'\(output)'
                echo '\(Self.credential(#"{"token":"t"}"#))'
                """
            let info = #"{"server":"https://a:443"}"#
            _ = try await plugin(directory, script, clusterInfo: info).run()
            let sent =
                #"first|second word|s3cret|{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","spec":{"interactive":false,"cluster":{"server":"https://a:443"}}}"#
            #expect(try String(contentsOfFile: output, encoding: .utf8) == sent)
        }
    }

    @Test("a plugin runs once for all who ask at once, and again when its credential ends")
    func expiry() async throws {
        try await TemporaryDirectory.with { directory in
            // Half of a life of two seconds, which may already be one when it is written.
            let script = """
                end=$(date -u -d '+2 seconds' +%Y-%m-%dT%H:%M:%SZ)
                echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t'$$'","expirationTimestamp":"'$end'"}}'
                """
            let plugin = try plugin(directory, script)
            let provider = try provider { $0.credentials.plugin = plugin }
            let tokens = try await withThrowingTaskGroup(of: Secret?.self) { group in
                for _ in 0..<20 { group.addTask { try await provider.current().authorization } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(tokens.compactMap { $0?.value }).count == 1)
            #expect(try runs(directory) == 1)
            try await poll("a new credential is made") { try await provider.current().authorization != tokens.first }
        }
    }

    @Test("a credential without an end is kept until it is refused, but one of just now is kept all the same")
    func withoutEnd() async throws {
        try await TemporaryDirectory.with { directory in
            let plugin = try plugin(directory, "echo '\(Self.credential(#"{"token":"t"}"#))'")
            let provider = try provider { $0.credentials.plugin = plugin }
            let first = try await provider.current()
            await provider.refuse(first)
            _ = try await provider.current()
            #expect(try runs(directory) == 1)
        }
    }

    @Test(
        "a plugin that fails or prints something else is told without what it printed",
        arguments: [
            ("echo s3cret; exit 3", "failed"), ("echo s3cret", "printed no ExecCredential"),
            ("echo '\(credential(#"{}"#))'", "neither a token nor a certificate"),
            ("echo '\(credential(#"{"clientKeyData":"s3cret"}"#))'", "neither a token nor a certificate"),
            ("echo '\(credential(#"{"token":"s3cret","expirationTimestamp":"soon"}"#))'", "not RFC 3339"),
            (
                #"echo '{"apiVersion":"client.authentication.k8s.io/v1beta1","kind":"ExecCredential","status":{"token":"s3cret"}}'"#,
                "another version"
            )
        ])
    func faults(script: String, message: String) async throws {
        try await TemporaryDirectory.with { directory in
            let plugin = try plugin(directory, script)
            let fault = await #expect(throws: ConfigurationError.self) { try await plugin.run() }
            #expect(fault?.description.contains(message) == true, "\(String(describing: fault))")
            #expect(fault?.description.contains("s3cret") == false)
        }
    }

    @Test("a plugin that is not there is told with how to get it")
    func missingPlugin() async throws {
        let plugin = ExecPlugin(
            apiVersion: "client.authentication.k8s.io/v1", command: "dbmmo-no-such-plugin", arguments: [], environment: [],
            clusterInfo: nil,
            installHint: "install it")
        let fault = await #expect(throws: ConfigurationError.self) { try await plugin.run() }
        #expect(fault?.description == "dbmmo-no-such-plugin cannot be run: install it")
    }

    @Test(
        "credentials are renewed a little before their end, those with a short life halfway",
        arguments: [(3600, 3570), (40, 20), (0, 0), (-5, 0)])
    func life(left: Int64, used: Int64) {
        #expect(AccessProvider.life(until: Timestamp(seconds: 1000 + left), from: Timestamp(seconds: 1000)) == .seconds(used))
    }
}
