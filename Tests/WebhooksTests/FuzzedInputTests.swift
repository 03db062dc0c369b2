import ReviewProperties
import TestSupport
import Testing

/// Inputs for the fuzzing targets, tried again without libFuzzer: those that fuzzing found, and some written by hand to lead it to corners.
@Suite("An input of the fuzzing targets")
struct FuzzedInputTests {
    private static let reviews = FixtureFolder("Fixtures/fuzzed/FuzzAdmission")
    private static let objects = FixtureFolder("Fixtures/fuzzed/FuzzConversion")

    private static let texts = FixtureFolder("Fixtures/fuzzed/FuzzManifests")

    @Test("keeps the properties of manifests", arguments: texts.names)
    func manifests(name: String) throws {
        try ManifestProperties.check(try Self.texts.bytes(of: name))
    }

    @Test("keeps the properties of admission", arguments: reviews.names)
    func admission(name: String) throws {
        try AdmissionProperties.check(try Self.reviews.bytes(of: name))
    }

    @Test("keeps the properties of conversion", arguments: objects.names)
    func conversion(name: String) throws {
        try ConversionProperties.check(try Self.objects.bytes(of: name))
    }

    @Test("is there to be tried again")
    func present() {
        #expect(!Self.reviews.names.isEmpty)
        #expect(!Self.objects.names.isEmpty)
        #expect(!Self.texts.names.isEmpty)
    }
}
