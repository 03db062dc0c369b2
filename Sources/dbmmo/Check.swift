import ArgumentParser
import Manifests

struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell what the webhooks would say of manifests.",
        discussion: """
            Reads YAML and JSON, any number of documents in a file, lists too. Each DBMMOMySQL gets its defaults and is held against the rules, \
            by the code that answers the webhooks, and against the schema. Objects of other kinds are skipped. Nothing is changed, and no \
            cluster is asked.

            Prints a line for each fault and warning: file, line, field, what is wrong, and the rule in brackets (docs/rules.md).

            Exit codes: 0 all is good or has warnings only, 1 an object is refused or a file is no YAML, 64 wrong usage, 66 a file cannot be read.
            """
    )

    @OptionGroup var manifests: ManifestOptions

    @Option(
        help: """
            File or folder with the objects as they are stored; what is there by namespace and name is checked as an update. Can be given \
            again. [DBMMO_OLD]
            """, completion: .file())
    var old: [String] = []

    @Option(name: [.short, .long], help: "Namespace of objects that name none. [DBMMO_NAMESPACE] (default: default)")
    var namespace: String?

    @Option(name: [.short, .long], help: "Format: text or json. [DBMMO_OUTPUT] (default: text)")
    var output: ReportFormat?

    func run() throws {
        let format = try Setting.resolve(output, "DBMMO_OUTPUT", default: .text)
        let namespace = try Setting.resolve(namespace, "DBMMO_NAMESPACE", default: "default")
        let (files, stored) = try manifests.read(besides: try Setting.resolve(old, "DBMMO_OLD"))
        let report = CheckReport(files, replacing: stored, namespace: namespace)
        print(format == .text ? report.text : report.json + "\n", terminator: "")
        if !report.isGood { throw ExitCode.failure }
    }
}
