import Glibc
import Subprocess
import TestSupport
import Testing

extension ProcessTests {
    @Suite("stopping dbmmo")
    struct StopTests {
        @Test("SIGTERM and SIGINT end the server with exit code 0", arguments: [SIGTERM, SIGINT])
        func stops(signal: Int32) async throws {
            try await WebhookServer.with { server in
                let status = try await server.stop(signal)
                #expect(status == .exited(0))
                #expect(await server.log.contains("stopped"))
            }
        }

        @Test("on SIGTERM readiness fails at once, a request under way is answered, and the server ends with exit code 0")
        func drains() async throws {
            try await WebhookServer.with(options: ["--shutdown-delay", "1s"]) { server in
                // Writing to a curl that has ended must be an error, not the end of the tests.
                signal(SIGPIPE, SIG_IGN)
                let half = Reviews.creation.utf8.count / 2
                let arguments = [
                    "--silent", "--http1.1", "--max-time", "20", "--cacert", server.caFile, "--include", "--request", "POST", "--header",
                    "Content-Type: application/json", "--header", "Expect:", "--upload-file", "-", server.url + "/validate"
                ]
                let answer = try await Subprocess.run(
                    .name("curl"), arguments: Arguments(arguments), input: .inputWriter, output: .sequence, error: .discarded
                ) { execution in
                    let writer = execution.standardInputWriter
                    _ = try await writer.write(Array(Reviews.creation.utf8.prefix(half)))
                    // The request has to be under way: the log of the server shows no connections.
                    try await Task.sleep(for: .milliseconds(300))

                    await server.send(SIGTERM)
                    try await poll("readiness fails", for: .milliseconds(500), every: .milliseconds(5)) { server.readiness == 503 }
                    let meanwhile = try await server.post("/validate", Reviews.creation)
                    #expect(meanwhile.output.contains(#""allowed":true"#), "new requests are served until the delay is over: \(meanwhile)")
                    try await poll("the listener is closed") { (try? RawConnection(port: server.port)) == nil }
                    #expect(server.readiness == 503, "probes are answered to the end")

                    _ = try await writer.write(Array(Reviews.creation.utf8.dropFirst(half)))
                    try await writer.finish()
                    var text = ""
                    for try await line in execution.standardOutput.strings() { text += line }
                    return text
                }
                #expect(answer.terminationStatus == .exited(0))
                #expect(answer.closureResult.contains("HTTP/1.1 200 OK"), "\(answer.closureResult)")
                #expect(answer.closureResult.contains("Connection: close"))
                #expect(answer.closureResult.contains(#""allowed":true"#))
                #expect(try await server.ended() == .exited(0))
            }
        }

        @Test("a second SIGTERM ends the server at once")
        func secondSignal() async throws {
            try await WebhookServer.with(options: ["--shutdown-delay", "30s"]) { server in
                await server.send(SIGTERM)
                try await poll("readiness fails") { server.readiness == 503 }
                let clock = ContinuousClock()
                var status: TerminationStatus?
                let time = try await clock.measure { status = try await server.stop(SIGTERM) }
                #expect(status == .signaled(SIGTERM))
                #expect(time < .seconds(2))
            }
        }
    }
}
