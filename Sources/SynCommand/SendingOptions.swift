internal import ArgumentParser
internal import SynCore
internal import SynProbe
internal import SynSystem
internal import SynWire

/// How and from where is probed: the options that `ping`, `verify` and `identify` share.
struct SendingOptions: ParsableArguments {
  @Option(
    name: [.customShort("m", allowingJoined: true), .long], help: ArgumentHelp("How to probe.", valueName: "mode"))
  var mode: ModeChoice = .auto

  @OptionGroup
  var way: WayOptions

  @Flag(help: "Ask this host's kernel why it drops what is lost (libbpf, CAP_BPF, CAP_PERFMON).")
  var why = false

  /// As `WayOptions` has it.
  func family() throws(CommandFailure) -> IPAddress.Family? { try way.family() }

  /// A prober that sends so.
  /// - Throws: `CommandFailure` with status 64 for what this host does not have.
  func configuration() throws(CommandFailure) -> ProberConfiguration {
    var configuration = try way.configuration()
    configuration.mode = mode.mode
    configuration.tellsWhy = why
    return configuration
  }

  /// As `WayOptions` has it.
  func targets(_ texts: [String]) throws(CommandFailure) -> [Target] { try way.targets(texts) }

  /// A source address that is not this host's is a mistake of the command line, not an outcome.
  static func check(_ source: IPAddress?, to endpoints: [Endpoint]) throws(CommandFailure) {
    guard let source else { return }
    for endpoint in endpoints {
      guard endpoint.address.family == source.family else {
        throw CommandFailure(.usage, "--source \(source) is of another family than the target \(endpoint)")
      }
    }
    guard Devices.isOwn(source) else {
      throw CommandFailure(.usage, "--source \(source) is not an address of this host")
    }
  }
}

/// `--mode`'s words.
enum ModeChoice: String, CaseIterable, ExpressibleByArgument {
  case auto, syn, connect

  var mode: ProbeMode? {
    switch self {
    case .auto: nil
    case .syn: .syn
    case .connect: .connect
    }
  }
}
