import FuzzSupport
import ReviewProperties

/// libFuzzer's entry: one input for `/validate` and `/mutate`.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    run(AdmissionProperties.check, on: data, count: count)
}
