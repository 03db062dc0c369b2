import JSON
import NIOCore
import YAML

/// All documents of a text.
func documents(_ text: ByteBuffer, limits: YAMLLimits = YAMLLimits()) throws(YAMLError) -> [YAMLDocument] {
    let reader = try YAMLDocuments(reading: text, limits: limits)
    var documents: [YAMLDocument] = []
    while let document = try reader.next() { documents.append(document) }
    return documents
}

func documents(_ text: String, limits: YAMLLimits = YAMLLimits()) throws(YAMLError) -> [YAMLDocument] {
    try documents(ByteBuffer(string: text), limits: limits)
}

/// The JSON of a text of one document.
func json(_ text: String) throws -> String {
    try documents(text).map { String(buffer: $0.json) }.joined(separator: "\n")
}

/// Why a text cannot be read; nil when it can.
func fault(_ text: String, limits: YAMLLimits = YAMLLimits()) -> YAMLError? {
    do throws(YAMLError) {
        _ = try documents(text, limits: limits)
        return nil
    } catch {
        return error
    }
}

extension JSONValue {
    /// Whether both mean the same to a program that reads what is no 64-bit integer as a floating point number, as kubectl does.
    func reads(as other: JSONValue) -> Bool {
        switch (kind, other.kind) {
        case (.number, .number):
            integer.map { $0 == other.integer } ?? false || Double(spelling) == Double(other.spelling)
        case (.array, .array):
            elements.count == other.elements.count && zip(elements, other.elements).allSatisfy { $0.reads(as: $1) }
        case (.object, .object):
            members.count == other.members.count
                && members.allSatisfy { member in
                    // Names by their bytes: those that look the same are not one.
                    other.members.first { $0.name.utf8.elementsEqual(member.name.utf8) }.map { member.value.reads(as: $0.value) } ?? false
                }
        default: isEquivalent(to: other)
        }
    }
}
