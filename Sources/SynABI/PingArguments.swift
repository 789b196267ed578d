internal import CSynProbe
internal import SynCore
internal import SynProbe
internal import SynSystem
internal import SynWire

/// Reads what C asks for.
enum PingArguments {
  static func read(_ pointer: UnsafePointer<synprobe_ping_t>?) throws(ABIError) -> (SeriesPlan, input: String) {
    let ping = try Structure.copy(pointer, synprobe_ping_t(), "ping", \.size)
    let target = try endpoint(ping.target, "target")
    guard ping.direction <= 1 else { throw .invalid("direction \(ping.direction) is neither 0 nor 1") }
    var plan = SeriesPlan(
      target: target, count: try count(ping.count, or: 5, upTo: Limits.mostProbes, "count"),
      interval: try duration(ping.interval, "interval") ?? .milliseconds(200),
      timeout: try duration(ping.timeout, "timeout") ?? .seconds(2))
    plan.listening = ping.direction == 1 ? .forDirection : nil
    guard ping.explain <= 1 else { throw .invalid("explain \(ping.explain) is neither 0 nor 1") }
    let sibling = try port(ping.sibling, "sibling")
    if ping.explain == 1 || sibling != nil {
      plan.siblings = SeriesPlan.siblings(of: target.port, chosen: sibling)
    }
    return (plan, try input(ping.input, target))
  }

  // MARK: Members

  /// An address and a port; a name is the caller's to resolve.
  static func endpoint(_ text: UnsafePointer<CChar>?, _ name: String) throws(ABIError) -> Endpoint {
    guard let text = try CText.read(text, name) else { throw .invalid("\(name) is NULL: give \"ADDRESS:PORT\"") }
    let target: Target
    do throws(Target.ParseError) { target = try Target.parse(text) } catch { throw .invalid("\(name): \(error)") }
    guard case .address(let address) = target.host else {
      throw .invalid("\(name) '\(text.escaped)' is a name: resolve it, and give its address")
    }
    return Endpoint(address: address, port: target.port)
  }

  static func input(_ text: UnsafePointer<CChar>?, _ target: Endpoint) throws(ABIError) -> String {
    try CText.read(text, "input")?.escaped ?? "\(target)"
  }

  static func count(_ value: UInt32, or usual: UInt32, upTo most: UInt32, _ name: String) throws(ABIError) -> Int {
    guard value <= most else { throw .invalid("\(name) \(value) is out of range: 1 to \(most), or 0 for \(usual)") }
    return Int(value == 0 ? usual : value)
  }

  /// A port; 0 stands for what is usual, which is nil here.
  static func port(_ value: UInt32, _ name: String) throws(ABIError) -> UInt16? {
    guard let port = UInt16(exactly: value) else { throw .invalid("\(name) \(value) is no port: 1 to 65535") }
    return port == 0 ? nil : port
  }

  /// Nanoseconds; 0 stands for what is usual, which is nil here.
  static func duration(_ value: Int64, _ name: String) throws(ABIError) -> Duration? {
    guard (0...Limits.longest).contains(value) else {
      throw .invalid("\(name) of \(value) ns is out of range: above 0, up to a day, or 0 for the usual")
    }
    return value == 0 ? nil : .nanoseconds(value)
  }
}

/// Structures of C that begin with their size.
enum Structure {
  /// A copy as this library knows it: members that an older caller does not have are those of `empty`.
  static func copy<Value>(
    _ pointer: UnsafePointer<Value>?, _ empty: Value, _ name: String, _ size: KeyPath<Value, UInt32>
  ) throws(ABIError) -> Value {
    guard let pointer else { throw .invalid("\(name) is NULL") }
    // Only the size may be read before it is known.
    let count = Int(UnsafeRawPointer(pointer).load(as: UInt32.self))
    guard count >= MemoryLayout<UInt32>.size, count <= 4096 else {
      throw .invalid("the size of \(name) is \(count): initialise it with the macro of synprobe.h")
    }
    var value = empty
    withUnsafeMutableBytes(of: &value) { bytes in
      bytes.copyMemory(from: UnsafeRawBufferPointer(start: pointer, count: min(count, bytes.count)))
    }
    return value
  }
}

extension ProberConfiguration {
  /// Reads C's options; NULL has the defaults.
  init(_ pointer: UnsafePointer<synprobe_options_t>?) throws(ABIError) {
    self.init()
    guard pointer != nil else { return }
    let options = try Structure.copy(pointer, synprobe_options_t(), "options", \.size)
    switch options.mode {
    case SYNPROBE_MODE_AUTO: mode = nil
    case SYNPROBE_MODE_SYN: mode = .syn
    case SYNPROBE_MODE_CONNECT: mode = .connect
    default: throw .invalid("mode \(options.mode) is none of SYNPROBE_MODE_AUTO, _SYN, _CONNECT")
    }
    interface = try CText.read(options.interface, "interface")
    if let interface, !Devices.exists(interface: interface) {
      throw .invalid("no interface '\(interface.escaped)' on this host")
    }
    if let text = try CText.read(options.source, "source") {
      guard let address = IPAddress(text) else { throw .invalid("source '\(text.escaped)' is not an IP address") }
      guard Devices.isOwn(address) else { throw .invalid("source \(address) is not an address of this host") }
      source = address
    }
    guard options.dscp <= 63 else { throw .invalid("dscp \(options.dscp) is out of range: 0 to 63") }
    mark = options.mark
    sourcePort = options.source_port == 0 ? nil : options.source_port
    hopLimit = options.ttl == 0 ? nil : options.ttl
    codePoint = options.dscp == 0 ? nil : options.dscp
    guard options.why <= 1 else { throw .invalid("why \(options.why) is neither 0 nor 1") }
    tellsWhy = options.why == 1
  }
}
