import KubernetesAPI
import TestSupport
import Testing

@Suite("timestamps")
struct TimestampTests {
    @Test(
        "are written and read as RFC 3339",
        arguments: [
            (0, 0, "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000000Z"),
            (1_700_000_000, 5, "2023-11-14T22:13:20Z", "2023-11-14T22:13:20.000005Z"),
            (-1, 999_999, "1969-12-31T23:59:59Z", "1969-12-31T23:59:59.999999Z")
        ] as [(Int64, Int64, String, String)])
    func writing(seconds: Int64, microseconds: Int64, text: String, microText: String) {
        let time = Timestamp(seconds: seconds, microseconds: microseconds)
        #expect(time.text == text)
        #expect(time.microText == microText)
        #expect(Timestamp(microText) == time)
        #expect(Timestamp(text) == Timestamp(seconds: seconds))
    }

    @Test(
        "with any offset and fraction",
        arguments: [
            ("2023-11-14T23:13:20+01:00", 0), ("2023-11-14T17:43:20-04:30", 0), ("2023-11-14t22:13:20.5z", 500_000),
            ("2023-11-14T22:13:20.123456789Z", 123_456)
        ] as [(String, Int64)])
    func reading(text: String, microseconds: Int64) {
        #expect(Timestamp(text) == Timestamp(seconds: 1_700_000_000, microseconds: microseconds))
    }

    @Test(
        "what is none",
        arguments: [
            "", "now", "2023-11-14", "2023-11-14T22:13:20", "2023-13-14T22:13:20Z", "2023-11-14T24:13:20Z", "2023-11-14T22:13:20.Z",
            "2023-11-14T22:13:20Zx", "2023-11-14T22:13:20+1:00", "+023-11-14T22:13:20Z", "2023-11-14T22:13:20+25:00"
        ])
    func malformed(text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test("any time is read back as it was written")
    func property() {
        var random = SeededGenerator(seed: 1)
        for _ in 0..<10_000 {
            let time = Timestamp(
                seconds: Int64.random(in: -62_135_596_800...253_402_300_799, using: &random),
                microseconds: Int64.random(in: 0...999_999, using: &random))
            #expect(Timestamp(time.microText) == time)
        }
        for seconds in [Int64.min, .max] { #expect(Timestamp(Timestamp(seconds: seconds).text) == Timestamp(seconds: seconds)) }
    }
}
