// swift-tools-version: 6.2
import PackageDescription

// A package of its own: only here is everything built with libFuzzer. See docs/testing.md.
let swiftSettings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error)
]

let reviewProperties = Target.Dependency.product(name: "ReviewProperties", package: "dbmmo")

let package = Package(
    name: "dbmmo-fuzzing",
    dependencies: [
        .package(name: "dbmmo", path: "..")
    ],
    targets: [
        .systemLibrary(name: "CLibFuzzer"),
        .target(name: "FuzzSupport", dependencies: ["CLibFuzzer", reviewProperties], swiftSettings: swiftSettings),
        .executableTarget(name: "FuzzAdmission", dependencies: ["FuzzSupport", reviewProperties], swiftSettings: swiftSettings),
        .executableTarget(name: "FuzzConversion", dependencies: ["FuzzSupport", reviewProperties], swiftSettings: swiftSettings),
        .executableTarget(name: "FuzzManifests", dependencies: ["FuzzSupport", reviewProperties], swiftSettings: swiftSettings)
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)
