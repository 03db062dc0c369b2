import KubernetesAPI

extension Quantity {
    /// The quantity in bytes, rounded up to whole blocks of 4096; the largest multiple of blocks for what is beyond 2⁶².
    var wholeBlocks: UInt64 {
        let block: UInt64 = 4096
        var (low, high): (UInt64, UInt64) = (0, (1 << 62) / block)
        // The smallest number of blocks that is not less than the quantity.
        while low < high {
            let middle = (low + high) / 2
            if Quantity(bytes: middle * block) < self { low = middle + 1 } else { high = middle }
        }
        return low * block
    }
}
