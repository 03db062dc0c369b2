public import ReviewProperties

/// Runs a check on the bytes that libFuzzer hands over. A broken property ends the process, which makes libFuzzer keep the input.
public func run(_ check: ([UInt8]) throws(BrokenProperty) -> Void, on data: UnsafePointer<UInt8>?, count: Int) -> CInt {
    do throws(BrokenProperty) {
        try check(Array(UnsafeBufferPointer(start: data, count: count)))
        return 0
    } catch {
        fatalError("broken property: \(error)")
    }
}
