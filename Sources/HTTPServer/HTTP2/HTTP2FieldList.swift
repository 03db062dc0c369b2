import CNGHTTP2
import NIOCore
import NIOHTTP1

/// The header fields of an answer in the form libnghttp2 takes, which makes the names lower case and keeps copies.
struct HTTP2FieldList {
    private var bytes: [UInt8] = []
    private var lengths: [(name: Int, value: Int)] = []

    init(_ fields: [(name: String, value: String)]) {
        for field in fields { append(field.name, field.value) }
    }

    /// The status, the fields that HTTP/2 allows (RFC 9113 section 8.2.2), and the length of the body.
    init(_ response: HTTPResponse) {
        append(":status", String(response.status.code))
        for (name, value) in response.sendableFields { append(name, value) }
        if response.status.mayHaveResponseBody { append("content-length", String(response.body.readableBytes)) }
    }

    private mutating func append(_ name: String, _ value: String) {
        bytes.append(contentsOf: name.utf8)
        bytes.append(contentsOf: value.utf8)
        lengths.append((name.utf8.count, value.utf8.count))
    }

    func withNameValuePairs<Result>(_ body: (UnsafeBufferPointer<nghttp2_nv>) -> Result) -> Result {
        // libnghttp2 does not write to them; its C type only lacks the word.
        var bytes = bytes
        return bytes.withUnsafeMutableBufferPointer { bytes in
            var pairs: [nghttp2_nv] = []
            pairs.reserveCapacity(lengths.count)
            var next = bytes.baseAddress
            for (name, value) in lengths {
                pairs.append(
                    nghttp2_nv(
                        name: next, value: next?.advanced(by: name), namelen: name, valuelen: value,
                        flags: UInt8(NGHTTP2_NV_FLAG_NONE.rawValue)))
                next = next?.advanced(by: name + value)
            }
            return pairs.withUnsafeBufferPointer(body)
        }
    }
}
