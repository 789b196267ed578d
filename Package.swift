// swift-tools-version: 6.2
import PackageDescription

/// Every Swift target of the project: today's language, and no warning is let through.
let house: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .treatAllWarnings(as: .error),
]

/// The pure targets promise no clock, socket, randomness or unchecked memory; `scripts/check` holds them to their imports.
let pure = house + [.strictMemorySafety()]

/// The tables of coverage are hundreds of thousands of simulated experiments: in a debug build they take minutes.
///
/// A package that others depend on by version must have no such flag: theirs is the checkout of a tag.
let simulated: [SwiftSetting] =
  Context.packageDirectory.contains("/checkouts/") ? [] : [.unsafeFlags(["-O"], .when(configuration: .debug))]

/// The shim's own warnings: all of them are errors.
let shim: [CSetting] = [
  .enableWarning("all"), .enableWarning("extra"), .enableWarning("conversion"), .treatAllWarnings(as: .error),
]

/// The targets that need no other package, and their tests.
let library: [Target] = [
  .systemLibrary(name: "CPcap", pkgConfig: "libpcap", providers: [.apt(["libpcap-dev"])]),
  .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
  .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
  .target(name: "CSyn", cSettings: shim),
  .target(name: "SynWire", swiftSettings: pure),
  // Glibc's module would bring libm, and who imports nothing but pure modules has it from nowhere.
  .target(name: "SynCore", dependencies: ["SynWire"], swiftSettings: pure, linkerSettings: [.linkedLibrary("m")]),
  .target(name: "SynVerdict", dependencies: ["SynCore"], swiftSettings: pure + simulated),
  .target(name: "SynYAML", dependencies: ["SynCore", "CYAML"], swiftSettings: house),
  .target(name: "SynTesting", dependencies: ["SynCore", "SynWire"], swiftSettings: pure),
  .target(name: "SynSweep", dependencies: ["SynCore", "SynWire"], swiftSettings: pure),
  .target(name: "SynTrace", dependencies: ["SynCore", "SynWire"], swiftSettings: pure),
  .target(name: "SynPeers", dependencies: ["SynCore", "SynWire"], swiftSettings: pure),
  .target(name: "SynSystem", dependencies: ["SynCore", "SynWire", "CSyn"], swiftSettings: house),
  .target(
    name: "SynIO", dependencies: ["SynSystem", "SynSweep", "SynCore", "SynWire", "CSyn", "CPcap"], swiftSettings: house),
  .target(
    name: "SynProbe", dependencies: ["SynIO", "SynTrace", "SynVerdict", "SynSystem", "SynCore", "SynWire"],
    swiftSettings: house),
  .target(
    name: "SynVerify", dependencies: ["SynProbe", "SynVerdict", "SynSystem", "SynCore", "SynWire"],
    swiftSettings: house),
  .target(
    name: "SynFaultFiles", dependencies: ["SynVerify", "SynVerdict", "SynYAML", "SynCore"], swiftSettings: house),
  .target(name: "CSynProbe"),
  .target(
    name: "SynABI",
    dependencies: ["CSynProbe", "CSyn", "SynVerify", "SynVerdict", "SynProbe", "SynSystem", "SynCore", "SynWire"],
    swiftSettings: house),
  .target(
    name: "SynDoctor", dependencies: ["SynProbe", "SynIO", "SynSystem", "SynCore", "SynWire"], swiftSettings: house),
  .executableTarget(
    name: "SynFuzz", dependencies: ["SynDoctor", "SynProbe", "SynTesting", "SynCore", "SynWire"],
    path: "Tests/SynFuzz", swiftSettings: house),
  // CSyn for what `scripts/release` has in place of a part of the run-time library.
  .executableTarget(
    name: "SynBench", dependencies: ["SynCore", "SynWire", "CSyn"], path: "Tests/SynBench", swiftSettings: house),
  .testTarget(name: "SynWireTests", dependencies: ["SynWire", "SynTesting", "CSyn"], swiftSettings: house),
  .testTarget(name: "SynCoreTests", dependencies: ["SynCore", "SynWire", "SynTesting"], swiftSettings: house),
  .testTarget(
    name: "SynSweepTests", dependencies: ["SynSweep", "SynTesting", "SynCore", "SynWire"], swiftSettings: house),
  .testTarget(
    name: "SynTraceTests", dependencies: ["SynTrace", "SynTesting", "SynCore", "SynWire"], swiftSettings: house),
  .testTarget(name: "SynPeersTests", dependencies: ["SynPeers", "SynCore", "SynWire"], swiftSettings: house),
  .testTarget(
    name: "SynIOTests", dependencies: ["SynIO", "SynSystem", "SynCore", "SynWire", "CSyn"], swiftSettings: house),
  .testTarget(
    name: "SynVerdictTests", dependencies: ["SynVerdict", "SynTesting", "SynCore", "SynWire"],
    swiftSettings: house + simulated),
  .testTarget(
    name: "SynVerifyTests",
    dependencies: [
      "SynFaultFiles", "SynVerify", "SynVerdict", "SynProbe", "SynSystem", "SynTesting", "SynCore", "SynWire",
    ],
    swiftSettings: house),
  .testTarget(name: "SynDoctorTests", dependencies: ["SynDoctor"], swiftSettings: house),
  .testTarget(
    name: "SynProbeTests", dependencies: ["SynProbe", "SynTesting", "SynSystem", "SynCore", "SynWire"],
    swiftSettings: house),
]

/// The command and the service, which need others.
let program: [Target] = [
  .target(
    name: "SynEdge",
    dependencies: [
      "SynProbe", "SynSystem", "SynCore", "SynWire",
      .product(name: "Hummingbird", package: "hummingbird"),
      .product(name: "HummingbirdCore", package: "hummingbird"),
      .product(name: "HTTPTypes", package: "swift-http-types"),
      .product(name: "Logging", package: "swift-log"),
      .product(name: "NIOCore", package: "swift-nio"),
      .product(name: "NIOHTTP1", package: "swift-nio"),
      .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
      .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
    ],
    swiftSettings: house
  ),
  .target(
    name: "SynHTTP",
    dependencies: [
      "CSQLite", "SynEdge", "SynVerify", "SynVerdict", "SynProbe", "SynTrace", "SynSystem", "SynCore", "SynWire",
      "SynYAML",
      .product(name: "Hummingbird", package: "hummingbird"),
      .product(name: "HummingbirdCore", package: "hummingbird"),
      .product(name: "HummingbirdTLS", package: "hummingbird"),
      .product(name: "HTTPTypes", package: "swift-http-types"),
      .product(name: "Logging", package: "swift-log"),
      .product(name: "Metrics", package: "swift-metrics"),
      .product(name: "NIOCore", package: "swift-nio"),
      .product(name: "NIOPosix", package: "swift-nio"),
      .product(name: "NIOSSL", package: "swift-nio-ssl"),
      .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
    ],
    resources: [
      .embedInCode("Page/index.html"), .embedInCode("Page/page.css"), .embedInCode("Page/app.js"),
      .embedInCode("Page/api.js"), .embedInCode("Page/charts.js"), .embedInCode("Page/format.js"),
      .embedInCode("Page/monitors.js"),
    ],
    swiftSettings: house
  ),
  .target(
    name: "SynCommand",
    dependencies: [
      "SynHTTP", "SynEdge", "SynDoctor", "SynFaultFiles", "SynVerify", "SynVerdict", "SynPeers", "SynTrace",
      "SynProbe", "SynIO", "SynSweep", "SynSystem", "SynCore", "SynWire",
      .product(name: "ArgumentParser", package: "swift-argument-parser"),
    ],
    swiftSettings: house
  ),
  .executableTarget(name: "SynMain", dependencies: ["SynCommand"], swiftSettings: house),
  .testTarget(
    name: "SynCommandTests",
    dependencies: ["SynCommand", "SynProbe", "SynCore", "SynWire"],
    swiftSettings: house),
  .testTarget(
    name: "SynHTTPTests",
    dependencies: [
      "SynHTTP", "SynEdge", "SynProbe", "SynVerdict", "SynCore", "SynWire", "SynTesting",
      .product(name: "HTTPTypes", package: "swift-http-types"),
      .product(name: "Metrics", package: "swift-metrics"),
      .product(name: "NIOCore", package: "swift-nio"),
      .product(name: "NIOHTTP1", package: "swift-nio"),
    ],
    swiftSettings: house
  ),
]

/// Those packages.
let others: [Package.Dependency] = [
  .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
  // Without its default traits: FullFoundation links ICU, 45 MB of it.
  .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
  .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
  .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
  .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
  .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
  .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
  .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
]

/// `SYNPROBE_LIBRARY=1 swift test` leaves the program out: one minute's build instead of six.
let isWhole = Context.environment["SYNPROBE_LIBRARY"] == nil

let package = Package(
  name: "synprobe",
  products: (isWhole ? [.executable(name: "synprobe", targets: ["SynMain"])] : []) + [
    .library(name: "SynProbe", targets: ["SynProbe", "SynVerdict", "SynCore", "SynWire"]),
    .library(name: "SynVerdict", targets: ["SynVerdict"]),
    .library(name: "SynVerify", targets: ["SynVerify"]),
    .library(name: "SynTesting", targets: ["SynTesting"]),
    // libsynprobe.so: scripts/library builds it, without a run-time library of Swift's beside it.
    .library(name: "synprobe-c", type: .dynamic, targets: ["SynABI"]),
  ],
  dependencies: (isWhole ? others : []) + [
    // For people alone: `swift package generate-documentation`.
    .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0")
  ],
  targets: library + (isWhole ? program : []),
  cLanguageStandard: .c11
)
