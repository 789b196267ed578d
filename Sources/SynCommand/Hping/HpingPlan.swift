internal import SynCore
internal import SynProbe
internal import SynWire

/// A checked command line of the hping3 drop-in.
struct HpingPlan {
  let target: Target
  let count: Int?
  let interval: Duration
  let configuration: ProberConfiguration
  /// The TTL that a traceroute starts with; nil for none.
  let firstHop: UInt8?
  let stopsAtAnswer: Bool
  let looksNamesUp: Bool
  let isQuiet: Bool
  let isVerbose: Bool
  let exitsWithFlags: Bool

  /// How long an answer counts: longer than the second that hping3 waits after its last probe, but on one source port,
  /// where the next probe waits for the end of the last.
  var timeout: Duration {
    configuration.sourcePort == nil ? .seconds(2) : max(min(interval, .seconds(2)), .seconds(1))
  }

  /// What `--faster` and `-i 0` come to: the rate that a plan can be held to.
  private static let shortestInterval = Duration.microseconds(100)

  /// - Throws: `CommandFailure` with status 64 for whatever cannot be meant.
  init(_ command: HpingCommand) throws(CommandFailure) {
    guard command.syn else {
      throw CommandFailure(.usage, "SYN probes are all this does: give -S (hping3 without it sends no flags at all)")
    }
    target = try HpingPlan.target(command)
    count = try command.count.map { text throws(CommandFailure) in
      try HpingPlan.number(text, 1...PingPlan.mostProbes, "-c")
    }
    interval = try HpingPlan.interval(command)
    configuration = try HpingPlan.configuration(command)
    firstHop = command.traceroute ? configuration.hopLimit ?? 1 : nil
    stopsAtAnswer = command.trStop
    looksNamesUp = !command.numeric
    isQuiet = command.quiet
    isVerbose = command.verbose
    exitsWithFlags = command.tcpexitcode
  }

  private static func target(_ command: HpingCommand) throws(CommandFailure) -> Target {
    guard let text = command.destport else {
      throw CommandFailure(.usage, "no port given: write -p PORT (hping3 without it probes port 0)")
    }
    guard !text.hasPrefix("+") else {
      throw CommandFailure(.usage, "-p \(text.escaped) is refused on purpose: one port is probed, not a range")
    }
    guard !command.host.isEmpty, !command.host.contains(":") else {
      throw CommandFailure(
        .usage, "'\(command.host.escaped)' is not a name or an IPv4 address; for IPv6 there is synprobe ping")
    }
    do throws(Target.ParseError) {
      return try Target.parse(command.host, defaultPort: try Target.parsePort(text))
    } catch {
      throw CommandFailure(.usage, "\(error)")
    }
  }

  private static func interval(_ command: HpingCommand) throws(CommandFailure) -> Duration {
    if command.faster { return shortestInterval }
    guard let text = command.interval else { return command.fast ? .milliseconds(100) : .seconds(1) }
    let number = text.hasPrefix("u") ? text.dropFirst() : text[...]
    if !number.isEmpty, number.allSatisfy({ $0 == "0" }) { return shortestInterval }
    do throws(Duration.ParseError) {
      return max(try Duration.parse(text.hasPrefix("u") ? "\(number)us" : "\(number)s"), shortestInterval)
    } catch {
      throw CommandFailure(
        .usage, "-i \(text.escaped): write seconds, or u and microseconds, up to a day, as 1 or u10000")
    }
  }

  private static func configuration(_ command: HpingCommand) throws(CommandFailure) -> ProberConfiguration {
    var configuration = ProberConfiguration()
    configuration.mode = .syn
    configuration.options = .none
    configuration.window = UInt16(
      try command.win.map { text throws(CommandFailure) in
        try number(text, 0...65_535, "-w")
      } ?? 512)
    if let text = command.ttl { configuration.hopLimit = UInt8(try number(text, 1...255, "-t")) }
    configuration.sourcePorts = try sourcePorts(command)
    for text in command.tos {
      configuration.trafficClass = (configuration.trafficClass ?? 0) | (try octet(text))
    }
    if let name = command.interface {
      configuration.interface = try WayOptions.device(name)
    }
    return configuration
  }

  private static func sourcePorts(_ command: HpingCommand) throws(CommandFailure) -> SourcePorts {
    guard let text = command.baseport else {
      guard !command.keep else {
        throw CommandFailure(.usage, "-k keeps the source port that -s gives: write -s PORT -k")
      }
      return .rotating
    }
    let port = UInt16(try number(text, 1...65_535, "-s"))
    return command.keep ? .fixed(port) : .counting(from: port)
  }

  private static func number(
    _ text: String, _ range: ClosedRange<Int>, _ option: String
  ) throws(CommandFailure) -> Int {
    guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text), range.contains(number) else {
      throw CommandFailure(
        .usage, "\(option) \(text.escaped) is out of range: \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  private static func octet(_ text: String) throws(CommandFailure) -> UInt8 {
    let digits = text.hasPrefix("0x") ? text.dropFirst(2) : text[...]
    guard digits.allSatisfy(\.isHexDigit), let octet = UInt8(digits, radix: 16) else {
      throw CommandFailure(.usage, "-o \(text.escaped) is not an octet in hexadecimal, as 10 for minimum delay")
    }
    return octet
  }
}
