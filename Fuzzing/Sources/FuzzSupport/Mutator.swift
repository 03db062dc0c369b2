import CLibFuzzer
import JSON
import TestSupport

/// Called by libFuzzer in place of its own mutation: mostly does that, and now and then changes a line in a way that chance alone
/// would hardly ever come upon.
@_cdecl("LLVMFuzzerCustomMutator")
public func mutate(_ data: UnsafeMutablePointer<UInt8>, _ count: Int, _ maximumCount: Int, _ seed: UInt32) -> Int {
    var generator = ObjectGenerator(seed: UInt64(seed))
    let newLine = UInt8(ascii: "\n")
    var lines = UnsafeBufferPointer(start: data, count: count).split(separator: newLine, omittingEmptySubsequences: false).map(Array.init)
    guard lines.count > 1, generator.random.oneIn(4) else { return LLVMFuzzerMutate(data, count, maximumCount) }
    let place = Int.random(in: 1..<lines.count, using: &generator.random)
    let object = generator.random.oneIn(2) ? made(for: lines[0], by: &generator) : changed(lines[place], by: &generator.random)
    guard let object else { return LLVMFuzzerMutate(data, count, maximumCount) }
    lines[place] = object.utf8.filter { $0 != newLine }

    var length = 0
    for byte in lines.joined(separator: [newLine]).prefix(maximumCount) {
        data[length] = byte
        length += 1
    }
    return length
}

/// Another object, of the version that the head of the input names.
private func made(for head: [UInt8], by generator: inout ObjectGenerator) -> String {
    let version = head.count == 1 ? head.first : head.dropFirst().first
    return generator.object(version: version == UInt8(ascii: "a") ? "v1alpha1" : "v1")
}

/// The object of a line with one of its values replaced by one that hardly belongs there; nil when the line is no object.
private func changed(_ line: [UInt8], by random: inout SeededGenerator) -> String? {
    guard let object = try? JSONDocument(parsing: String(decoding: line, as: UTF8.self)).root else { return nil }
    var path: [String] = []
    var value = object
    while let member = value.members.randomElement(using: &random) {
        path.append(member.name)
        value = member.value
        if random.oneIn(4) { break }
    }
    guard !path.isEmpty, let other = try? JSONDocument(parsing: random.pick(oddValues)).root else { return nil }
    return object.setting(.verbatim(other), at: path).text
}

private let oddValues = [
    "null", "true", "0", "-1", "1e0", "[]", "{}", "[null]", "[{}]", #""""#, #""x""#, #"{"0":{"name":"x"}}"#,
    #"[{"name":"x"},{"name":"x"}]"#,
    #"{"v1":{"spec":{"version":"8.0"}}}"#, #""{\"v1\":{\"spec\":{\"version\":\"8.0\"}}}""#
]
