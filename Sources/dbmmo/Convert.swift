import ArgumentParser
import DBMMOMySQLAPI
import Logs
import Manifests
import NIOCore

struct Convert: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Convert manifests to another version of the API.",
        discussion: """
            Reads YAML and JSON, any number of documents in a file, and prints every object, by the code that answers the conversion webhook. \
            Nothing is lost: what the version has no field for is kept in an annotation. Objects of other kinds are printed as they are, \
            lists item by item; comments are not kept. When anything cannot be converted, nothing is printed.

            Exit codes: 0 converted, 1 a file is no YAML or an object is in no version that is known, 64 wrong usage, 66 a file cannot be read.
            """
    )

    @OptionGroup var manifests: ManifestOptions

    @Option(help: "Version to convert to: v1 or v1alpha1. [DBMMO_TO]")
    var to: ServedVersion?

    @Option(name: [.short, .long], help: "Format: yaml or json. [DBMMO_OUTPUT] (default: yaml)")
    var output: ManifestConversion.Format?

    func run() throws {
        let format = try Setting.resolve(output, "DBMMO_OUTPUT", default: .yaml)
        guard let version = try Setting.resolve(to, "DBMMO_TO") else { throw Failure.usage("--to v1 or --to v1alpha1 is missing") }
        let conversion = ManifestConversion(try manifests.read().files, to: version)
        guard conversion.faults.isEmpty else {
            for fault in conversion.faults { StandardError.write(line: "\(fault)") }
            throw ExitCode.failure
        }
        print(String(buffer: conversion.output(format)), terminator: "")
    }
}
