/// The forms of names that Kubernetes, Azure and MySQL accept.
enum Format {
    /// 8-4-4-4-12 hexadecimal digits.
    static func isGUID(_ text: String) -> Bool {
        let groups = text.split(separator: "-", omittingEmptySubsequences: false)
        return groups.map(\.utf8.count) == [8, 4, 4, 4, 12] && groups.allSatisfy { $0.utf8.allSatisfy(\.isHexDigit) }
    }

    /// The name of a server on Azure: 3-63 of `a-z`, `0-9` and `-`, no hyphen at either end.
    static func isServerName(_ name: String) -> Bool {
        (3...63).contains(name.utf8.count) && !name.hasPrefix("-") && !name.hasSuffix("-")
            && name.utf8.allSatisfy { $0.isLowercaseLetter || $0.isDigit || $0 == UInt8(ascii: "-") }
    }

    /// The name of a resource group on Azure: 1-90 letters, digits, `_`, `-`, `.`, `(`, `)`, no period at the end.
    static func isResourceGroup(_ name: String) -> Bool {
        (1...90).contains(name.unicodeScalars.count) && !name.hasSuffix(".") && name.unicodeScalars.allSatisfy(isGroupScalar)
    }

    private static func isGroupScalar(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
        case .nonspacingMark, .decimalNumber: true
        default: "_-.()".unicodeScalars.contains(scalar)
        }
    }

    /// The name of a region of Azure: lower-case letters and digits.
    static func isLocation(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy { $0.isLowercaseLetter || $0.isDigit }
    }

    /// The name of a firewall rule on Azure: 1-80 letters, digits, `_` and `-`.
    static func isFirewallRuleName(_ name: String) -> Bool {
        (1...80).contains(name.utf8.count) && name.utf8.allSatisfy { $0.isWordCharacter || $0 == UInt8(ascii: "-") }
    }

    /// The name of a MySQL administrator on Azure, which has more to say about some names: see rule C1.
    static func isLogin(_ name: String) -> Bool {
        (1...32).contains(name.utf8.count) && name.utf8.allSatisfy(\.isWordCharacter) && name.utf8.first?.isDigit == false
    }

    /// The name of a Kubernetes object (RFC 1123 subdomain): at most 253 characters, labels of `a-z`, `0-9` and `-` between periods.
    static func isDNSSubdomain(_ name: String) -> Bool {
        name.utf8.count <= 253 && name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy(isDNSLabel)
    }

    /// A host name, of which the first label may be `*`.
    static func isHost(_ name: String) -> Bool {
        isDNSSubdomain(name.hasPrefix("*.") ? String(name.dropFirst(2)) : name)
    }

    private static func isDNSLabel(_ label: Substring) -> Bool {
        (1...63).contains(label.utf8.count) && !label.hasPrefix("-") && !label.hasSuffix("-")
            && label.utf8.allSatisfy { $0.isLowercaseLetter || $0.isDigit || $0 == UInt8(ascii: "-") }
    }

    /// The number of a TCP port, without a sign.
    static func isPort(_ text: Substring) -> Bool {
        text.utf8.allSatisfy(\.isDigit) && UInt16(text) != nil
    }

    /// A key of a Secret or ConfigMap.
    static func isSecretKey(_ key: String) -> Bool {
        (1...253).contains(key.utf8.count) && key != "." && key != ".."
            && key.utf8.allSatisfy { $0.isWordCharacter || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
    }

    /// The name of an environment variable: a C identifier.
    static func isCIdentifier(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy(\.isWordCharacter) && name.utf8.first?.isDigit == false
    }
}
