import FuzzSupport
import ReviewProperties

/// libFuzzer's entry: one text, read as manifests.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    run(ManifestProperties.check, on: data, count: count)
}
