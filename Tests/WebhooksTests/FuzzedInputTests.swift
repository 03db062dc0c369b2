import ReviewProperties
import TestSupport
import Testing

/// Inputs that fuzzing found: each one that broke a property, and some that reach far.
@Suite("An input found by fuzzing")
struct FuzzedInputTests {
    private static let reviews = FixtureFolder("Fixtures/fuzzed/FuzzAdmission")
    private static let objects = FixtureFolder("Fixtures/fuzzed/FuzzConversion")

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
    }
}
