import NIOCore
import YAML

/// Where the lines of a text in UTF-8 begin.
struct LineIndex: Sendable {
    private let text: ByteBuffer
    /// Offsets in bytes, the first one 0.
    private let starts: [Int]

    init(_ text: ByteBuffer) {
        self.text = text
        starts = [0] + text.readableBytesView.enumerated().compactMap { $0.element == UInt8(ascii: "\n") ? $0.offset + 1 : nil }
    }

    /// The place of a byte; the end of the text for an offset beyond it.
    func position(ofByte offset: Int) -> YAMLPosition {
        // The first line that begins behind the byte.
        var (low, high) = (1, starts.count)
        while low < high {
            let middle = (low + high) / 2
            if starts[middle] <= offset { low = middle + 1 } else { high = middle }
        }
        let before = text.readableBytesView.prefix(offset).dropFirst(starts[low - 1])
        return YAMLPosition(line: low, column: before.count { $0 & 0xC0 != 0x80 } + 1)
    }
}
