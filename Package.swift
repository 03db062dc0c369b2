// swift-tools-version: 6.2
import PackageDescription

let swiftSettings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error)
]

/// scripts/build-release tells the commit, for `dbmmo version`. Only a plain name goes into the code.
let commit = (Context.environment["DBMMO_COMMIT"] ?? "").filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }

let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioConcurrencyHelpers = Target.Dependency.product(name: "NIOConcurrencyHelpers", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let coreMetrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")

let package = Package(
    name: "dbmmo",
    products: [
        .executable(name: "dbmmo", targets: ["dbmmo"]),
        // For the package in Fuzzing.
        .library(name: "ReviewProperties", targets: ["JSON", "ReviewProperties", "TestSupport"]),
        // For the package in Benchmarks.
        .library(name: "BenchmarkedParts", targets: ["DBMMOMySQLAPI", "HTTPServer", "JSON", "KubernetesAPI", "TestSupport", "Webhooks"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: [])
    ],
    targets: [
        // Where C meets Swift.
        .target(name: "CBuildInfo", cSettings: [.define("CBUILDINFO_COMMIT", to: "\"\(commit)\"")]),
        .systemLibrary(name: "CLibYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .target(name: "CMalloc"),
        .systemLibrary(name: "CNGHTTP2", pkgConfig: "libnghttp2", providers: [.apt(["libnghttp2-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .target(name: "CSimdJSON", linkerSettings: [.linkedLibrary("simdjson")]),

        // The layers: each imports only what stands above it here.
        .target(name: "JSON", dependencies: ["CMalloc", "CSimdJSON", nioCore], swiftSettings: swiftSettings),
        .target(name: "YAML", dependencies: ["CLibYAML", "JSON", nioCore], swiftSettings: swiftSettings),
        .target(name: "KubernetesAPI", dependencies: ["JSON", nioCore], swiftSettings: swiftSettings),
        .target(name: "DBMMOMySQLAPI", dependencies: ["JSON", "KubernetesAPI"], swiftSettings: swiftSettings),
        .target(
            name: "Manifests", dependencies: ["DBMMOMySQLAPI", "JSON", "KubernetesAPI", "YAML", nioCore],
            swiftSettings: swiftSettings),
        .target(
            name: "TLS", dependencies: ["COpenSSL", logging, nioConcurrencyHelpers, nioCore, nioPosix, nioTLS, serviceLifecycle],
            swiftSettings: swiftSettings),
        .target(
            name: "HTTPServer",
            dependencies: ["CMalloc", "CNGHTTP2", logging, nioConcurrencyHelpers, nioCore, nioHTTP1, nioPosix, nioTLS, serviceLifecycle],
            swiftSettings: swiftSettings),
        .target(
            name: "HTTPCalls", dependencies: [asyncHTTPClient, nioConcurrencyHelpers, nioCore, nioHTTP1, systemPackage],
            swiftSettings: swiftSettings),
        .target(
            name: "AzureMySQL",
            dependencies: ["HTTPCalls", "JSON", asyncHTTPClient, logging, nioConcurrencyHelpers, nioCore, nioHTTP1],
            swiftSettings: swiftSettings),
        .target(
            name: "KubernetesClient",
            dependencies: [
                "HTTPCalls", "JSON", "KubernetesAPI", "YAML", asyncHTTPClient, logging, nioConcurrencyHelpers, nioCore, nioHTTP1, nioPosix,
                nioSSL, serviceLifecycle, subprocess, systemPackage
            ],
            swiftSettings: swiftSettings),
        .target(
            name: "ClusterCertificates",
            dependencies: [
                "HTTPCalls", "JSON", "KubernetesAPI", "KubernetesClient", "TLS", logging, nioConcurrencyHelpers, nioCore, serviceLifecycle
            ],
            swiftSettings: swiftSettings),
        .target(
            name: "Logs", dependencies: ["JSON", "KubernetesAPI", logging, nioConcurrencyHelpers], swiftSettings: swiftSettings),
        .target(name: "PrometheusMetrics", dependencies: [coreMetrics, nioConcurrencyHelpers, nioCore], swiftSettings: swiftSettings),
        .target(
            name: "Webhooks",
            dependencies: ["DBMMOMySQLAPI", "HTTPServer", "JSON", "KubernetesAPI", "PrometheusMetrics", logging, nioCore, nioHTTP1],
            swiftSettings: swiftSettings),
        .target(
            name: "Worker",
            dependencies: [
                "AzureMySQL", "DBMMOMySQLAPI", "HTTPCalls", "JSON", "KubernetesAPI", "KubernetesClient", "PrometheusMetrics", logging,
                nioConcurrencyHelpers, nioCore, serviceLifecycle
            ],
            swiftSettings: swiftSettings),
        .executableTarget(
            name: "dbmmo",
            dependencies: [
                "AzureMySQL", "CBuildInfo", "ClusterCertificates", "DBMMOMySQLAPI", "HTTPServer", "JSON", "KubernetesClient", "Logs",
                "Manifests",
                "PrometheusMetrics", "TLS", "Webhooks", "Worker", argumentParser, coreMetrics, logging, nioCore, serviceLifecycle,
                unixSignals
            ],
            swiftSettings: swiftSettings),

        .target(
            name: "TestSupport", dependencies: ["CNGHTTP2", "JSON", nioConcurrencyHelpers, nioCore, nioPosix, systemPackage],
            path: "Tests/TestSupport", exclude: ["Fixtures"], swiftSettings: swiftSettings),
        // Azure Database for MySQL and its sign-in, in memory.
        .target(
            name: "AzureEmulator",
            dependencies: ["HTTPCalls", "JSON", "TestSupport", nioConcurrencyHelpers, nioCore, nioHTTP1, nioPosix],
            path: "Tests/AzureEmulator", swiftSettings: swiftSettings),
        .executableTarget(
            name: "azure-emulator", dependencies: ["AzureEmulator", argumentParser, systemPackage], path: "Tests/AzureEmulatorCommand",
            swiftSettings: swiftSettings),
        // What a real node of tests has beside the kubelet: volumes, and the names of the cluster.
        .target(
            name: "NodeServices",
            dependencies: [
                "HTTPCalls", "JSON", "KubernetesAPI", "KubernetesClient", logging, nioConcurrencyHelpers, nioCore, subprocess, systemPackage
            ],
            path: "Tests/NodeServices", swiftSettings: swiftSettings),
        .executableTarget(
            name: "node-services", dependencies: ["NodeServices", argumentParser, logging, unixSignals], path: "Tests/NodeServicesCommand",
            swiftSettings: swiftSettings),
        .target(
            name: "ReviewProperties",
            dependencies: [
                "DBMMOMySQLAPI", "HTTPServer", "JSON", "Manifests", "PrometheusMetrics", "TestSupport", "Webhooks", "YAML", logging,
                nioConcurrencyHelpers, nioCore, nioHTTP1
            ],
            path: "Tests/ReviewProperties", swiftSettings: swiftSettings),
        .testTarget(name: "JSONTests", dependencies: ["JSON", "TestSupport", nioCore], swiftSettings: swiftSettings),
        .testTarget(
            name: "AzureEmulatorTests",
            dependencies: ["AzureEmulator", "JSON", "TestSupport", asyncHTTPClient, nioConcurrencyHelpers, nioCore, nioHTTP1],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "NodeServicesTests", dependencies: ["JSON", "KubernetesAPI", "KubernetesClient", "NodeServices", nioCore],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "YAMLTests", dependencies: ["JSON", "TestSupport", "YAML", nioCore, subprocess, systemPackage], exclude: ["Fixtures"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "KubernetesAPITests", dependencies: ["JSON", "KubernetesAPI", "TestSupport", nioCore], swiftSettings: swiftSettings),
        .testTarget(
            name: "DBMMOMySQLAPITests", dependencies: ["DBMMOMySQLAPI", "JSON", "TestSupport", "YAML", nioCore],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "ManifestsTests", dependencies: ["DBMMOMySQLAPI", "JSON", "KubernetesAPI", "Manifests", "YAML", nioCore],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "TLSTests",
            dependencies: [
                "COpenSSL", "TLS", "TestSupport", logging, nioConcurrencyHelpers, nioCore, nioEmbedded, nioPosix, nioTLS, serviceLifecycle,
                subprocess
            ],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "HTTPServerTests",
            dependencies: [
                "HTTPServer", "TestSupport", logging, nioConcurrencyHelpers, nioCore, nioHTTP1, nioPosix, nioTLS, serviceLifecycle
            ],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "LogsTests", dependencies: ["JSON", "KubernetesAPI", "Logs", logging, nioConcurrencyHelpers], swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "PrometheusMetricsTests", dependencies: ["PrometheusMetrics", "TestSupport", coreMetrics, nioCore],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "WebhooksTests",
            dependencies: [
                "DBMMOMySQLAPI", "HTTPServer", "JSON", "KubernetesAPI", "PrometheusMetrics", "ReviewProperties", "TestSupport", "Webhooks",
                logging, nioCore, nioHTTP1
            ],
            exclude: ["Fixtures"], swiftSettings: swiftSettings),
        .testTarget(
            name: "AzureMySQLTests",
            dependencies: ["AzureMySQL", "HTTPCalls", "JSON", "TestSupport", logging, nioConcurrencyHelpers, nioCore, nioHTTP1],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "KubernetesClientTests",
            dependencies: [
                "HTTPCalls", "JSON", "KubernetesAPI", "KubernetesClient", "TestSupport", logging, nioConcurrencyHelpers, nioCore, nioPosix,
                serviceLifecycle
            ],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "ClusterCertificatesTests",
            dependencies: ["ClusterCertificates", "JSON", "KubernetesAPI", "TLS", "TestSupport", nioCore], swiftSettings: swiftSettings),
        .testTarget(
            name: "WorkerTests",
            dependencies: [
                "AzureMySQL", "DBMMOMySQLAPI", "HTTPCalls", "JSON", "KubernetesAPI", "KubernetesClient", "PrometheusMetrics", "TestSupport",
                "Worker", nioCore
            ],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "AzureEmulator", "COpenSSL", "HTTPCalls", "JSON", "KubernetesAPI", "KubernetesClient", "TestSupport", "YAML", logging,
                nioConcurrencyHelpers, nioCore, nioHTTP1, nioPosix, subprocess, systemPackage
            ],
            swiftSettings: swiftSettings)
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)
