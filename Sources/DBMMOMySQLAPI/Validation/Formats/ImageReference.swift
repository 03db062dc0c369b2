/// The name of a container image (the grammar of the distribution project's `reference` package).
struct ImageReference {
    let tag: Substring?
    let hasDigest: Bool

    init?(_ text: String) {
        guard !text.isEmpty, text.utf8.count <= 512 else { return nil }
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = parts.first else { return nil }
        hasDigest = parts.count == 2
        if hasDigest, let digest = parts.last, !Self.isDigest(digest) { return nil }
        let lastSlash = name.lastIndex(of: "/") ?? name.startIndex
        let colon = name[lastSlash...].firstIndex(of: ":")
        tag = colon.map { name[name.index(after: $0)...] }
        if let tag, !Self.isTag(tag) { return nil }
        let components = name[..<(colon ?? name.endIndex)].split(separator: "/", omittingEmptySubsequences: false)
        for (index, component) in components.enumerated() {
            let isRegistry = index == 0 && components.count > 1 && Self.isRegistry(component)
            guard isRegistry || Self.isPathComponent(component) else { return nil }
        }
    }

    /// Lower-case letters and digits, with `.`, `_`, `__` or hyphens between them.
    private static func isPathComponent(_ text: Substring) -> Bool {
        let isAlphanumeric = { (byte: UInt8) in byte.isLowercaseLetter || byte.isDigit }
        guard let first = text.utf8.first, let last = text.utf8.last, isAlphanumeric(first), isAlphanumeric(last) else { return false }
        let separators = text.split { $0.isASCII && ($0.isLowercase || $0.isNumber) }
        return separators.allSatisfy { [".", "_", "__"].contains($0) || $0.allSatisfy { $0 == "-" } }
    }

    /// A host with an optional port. What has neither a period nor a port and is not `localhost` is a path component.
    private static func isRegistry(_ text: Substring) -> Bool {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard let host = parts.first, parts.count <= 2, !host.isEmpty else { return false }
        if parts.count == 2, let port = parts.last, !Format.isPort(port) { return false }
        guard parts.count == 2 || host.contains(".") || host == "localhost" else { return false }
        return Format.isDNSSubdomain(host.lowercased())
    }

    private static func isTag(_ text: Substring) -> Bool {
        (1...128).contains(text.utf8.count) && text.utf8.first?.isWordCharacter == true
            && text.utf8.allSatisfy { $0.isWordCharacter || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
    }

    /// `sha256:` and 64 hexadecimal digits, or another algorithm with at least 32.
    private static func isDigest(_ text: Substring) -> Bool {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let algorithm = parts.first, let digits = parts.last, !algorithm.isEmpty else { return false }
        guard algorithm.utf8.allSatisfy(\.isWordCharacter), digits.utf8.allSatisfy(\.isHexDigit) else { return false }
        return algorithm == "sha256" ? digits.utf8.count == 64 : digits.utf8.count >= 32
    }
}
