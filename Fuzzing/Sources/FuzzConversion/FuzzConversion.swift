import FuzzSupport
import ReviewProperties

/// libFuzzer's entry: one input for `/convert`.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    run(ConversionProperties.check, on: data, count: count)
}
