import Logs
import Testing

@Suite("the form of the log")
struct LogFormatTests {
    @Test("it is JSON in a pod, and text for whoever looks at a terminal or is elsewhere")
    func standard() {
        #expect(LogFormat.suitable(isInPod: true, isOnTerminal: false) == .json)
        #expect(LogFormat.suitable(isInPod: true, isOnTerminal: true) == .text)
        #expect(LogFormat.suitable(isInPod: false, isOnTerminal: false) == .text)
        #expect(LogFormat.suitable(isInPod: false, isOnTerminal: true) == .text)
    }
}
