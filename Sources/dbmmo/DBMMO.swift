import ArgumentParser

@main
struct DBMMO: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dbmmo",
        abstract:
            "Admission and conversion webhooks for MySQL databases described by DBMMOMySQL objects, and the same rules for manifests.",
        discussion: """
            Every option can also be given as the environment variable that its help names; the command line wins. The variable of an option that \
            can be given again holds one value.
            """,
        version: "0.1.0",
        subcommands: [Serve.self, Check.self, Convert.self, Certs.self, Version.self]
    )

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand { try await command.run() } else { try command.run() }
        } catch let failure as Failure {
            failure.report()
            exit(withError: failure.code)
        } catch {
            exit(withError: error)
        }
    }
}
