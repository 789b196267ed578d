internal import ArgumentParser
internal import SynCore
internal import SynProbe
internal import SynSystem
internal import SynWire

/// From where is sent, and to what: the options that all share who send.
struct WayOptions: ParsableArguments {
  @Option(
    name: [.customShort("p", allowingJoined: true), .long], parsing: .unconditional,
    help: ArgumentHelp("Ports of targets written without one, as 443, https or 80,8000-8003.", valueName: "ports"))
  var port: String?

  @Flag(name: .customShort("4"), help: "Use IPv4 addresses of names only.")
  var onlyV4 = false

  @Flag(name: .customShort("6"), help: "Use IPv6 addresses of names only.")
  var onlyV6 = false

  @Option(
    name: [.customShort("I", allowingJoined: true), .long], help: ArgumentHelp("Device to send by.", valueName: "name"))
  var interface: String?

  @Option(help: ArgumentHelp("Source address, one of this host's.", valueName: "address"))
  var source: String?

  @Option(
    help: ArgumentHelp("Fixed source port, which keeps one path through load balancers.", valueName: "port"),
    transform: Arguments.port)
  var sourcePort: UInt16?

  /// The family that is asked for, by name or by the source address; nil for either.
  func family() throws(CommandFailure) -> IPAddress.Family? {
    if onlyV4, onlyV6 { throw CommandFailure(.usage, "-4 and -6 exclude each other") }
    return onlyV4 ? .v4 : onlyV6 ? .v6 : nil
  }

  /// A prober that sends so.
  /// - Throws: `CommandFailure` with status 64 for what this host does not have.
  func configuration() throws(CommandFailure) -> ProberConfiguration {
    var configuration = ProberConfiguration()
    if let interface {
      configuration.interface = try WayOptions.device(interface)
      configuration.source = Devices.address(labelled: interface)
    }
    configuration.sourcePort = sourcePort
    if let text = source {
      guard let address = IPAddress(text) else {
        throw CommandFailure(.usage, "--source '\(text.escaped)' is not an IP address")
      }
      configuration.source = address
    }
    return configuration
  }

  /// The name of a device that this host has; of an address label, as `eth0:1`, that of its device.
  static func device(_ name: String) throws(CommandFailure) -> String {
    guard Devices.exists(interface: name) else {
      throw CommandFailure(.usage, "no interface '\(name.escaped)' on this host")
    }
    return String(name.prefix { $0 != ":" })
  }

  /// Reads targets, whose addresses must be of the family that is asked for.
  func targets(_ texts: [String]) throws(CommandFailure) -> [Target] {
    let family = try family()
    var ports: [UInt16] = []
    if let port { ports = try TargetWords.ports(port) }
    let targets = try TargetWords(ports: ports).targets(texts)
    for case .address(let address) in targets.map(\.host) where family != nil && family != address.family {
      throw CommandFailure(
        .usage, "\(address) is not an \(family == .v4 ? "IPv4" : "IPv6") address, as -\(family == .v4 ? 4 : 6) asks for"
      )
    }
    return targets
  }
}
