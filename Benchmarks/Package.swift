// swift-tools-version: 6.2
import PackageDescription

// A package of its own: the benchmarks count calls of malloc by standing in for it. See docs/performance.md.
let swiftSettings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error)
]

let package = Package(
    name: "dbmmo-benchmarks",
    dependencies: [
        .package(name: "dbmmo", path: "..")
    ],
    targets: [
        .target(name: "CAllocations"),
        .executableTarget(
            name: "Microbenchmarks", dependencies: ["CAllocations", .product(name: "BenchmarkedParts", package: "dbmmo")],
            swiftSettings: swiftSettings)
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)
