import DBMMOMySQLAPI
import Manifests
import NIOCore
import Testing

@Suite("converting manifests")
struct ManifestConversionTests {
    private let legacy = """
        # of old
        apiVersion: cache.my.domain/v1alpha1
        kind: DBMMOMySQL
        metadata:
          name: orders
        spec:
          size: 1
          deployment:
            deploymentType: OnCluster
            configurationName: "012"
        """

    private func output(_ text: String, _ version: ServedVersion, _ format: ManifestConversion.Format = .yaml) -> String {
        let conversion = ManifestConversion([file(text)], to: version)
        #expect(conversion.faults.isEmpty)
        return String(buffer: conversion.output(format))
    }

    @Test("objects of ours are converted, others stay in their places")
    func yaml() {
        let service = "apiVersion: v1\nkind: Service\nspec:\n  ports:\n  - port: 3306\n"
        #expect(
            output("\(service)---\n\(legacy)", .v1) == """
                \(service)---
                apiVersion: cache.my.domain/v1
                kind: DBMMOMySQL
                metadata:
                  name: orders
                  annotations:
                    cache.my.domain/conversion-data: '{"v1alpha1":{"spec":{"deployment":{"configurationName":"012"}}}}'
                spec:
                  replicas: 1
                  deploymentType: OnCluster

                """)
    }

    @Test("there and back nothing is lost")
    func roundTrip() {
        let there = output(legacy, .v1)
        let back = output(there, .v1alpha1)
        #expect(output(legacy, .v1alpha1, .json).contains(#""configurationName":"012""#))
        #expect(output(back, .v1) == there)
    }

    @Test("JSON is one object, or a list of several")
    func json() {
        let object = output(legacy, .v1, .json)
        #expect(object.hasPrefix(#"{"apiVersion":"cache.my.domain/v1","kind":"DBMMOMySQL","#) && object.hasSuffix("}\n"))
        #expect(output("\(legacy)\n---\n\(legacy)", .v1, .json).hasPrefix(#"{"apiVersion":"v1","kind":"List","items":[{"#))
    }

    @Test("what cannot be converted is told with its line")
    func faults() {
        let conversion = ManifestConversion(
            [file("\(legacy)\n---\napiVersion: cache.my.domain/v2\nkind: DBMMOMySQL\n"), file("a: [")], to: .v1)
        #expect(
            conversion.faults.map(\.description) == [
                "a.yaml:12: error: cache.my.domain/v2 is not served; served are cache.my.domain/v1alpha1, cache.my.domain/v1",
                "a.yaml:2: error: while parsing a flow node: did not find expected node content"
            ])
    }
}
