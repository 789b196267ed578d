internal import CSyn
internal import Glibc
internal import SynCore
internal import SynWire

/// Sends SYN segments of one address family, and reads the kernel's stamps, errors and delivered replies.
struct RawSocket: ~Copyable {
  private let descriptor: FileDescriptor
  private let family: IPAddress.Family
  private let options: SynOptions
  private let window: UInt16
  /// Whether the kernel lets a packet's stamps carry the probe's number (SCM_TS_OPT_ID); tried with the first packet.
  private var tagsStamps = true
  private var ledger = StampLedger()
  private var dropsSeen: UInt32 = 0

  private static let receiveBytes: Int32 = 4 << 20
  private static let mostPerDrain = 65_536
  /// Headers of full length; data behind them is of no use.
  private static let packetBytes = 256

  /// Opens the socket and lets in only replies to `ports`.
  /// - Throws: `SynIOError` with `isMissingCapability` where CAP_NET_RAW is missing.
  init(
    _ family: IPAddress.Family, ports: ClosedRange<UInt16>, options: RawSocketOptions
  ) throws(SynIOError) {
    let number = family.number
    let call = "socket(AF_INET\(family == .v4 ? "" : "6"), SOCK_RAW, IPPROTO_TCP)"
    let opened = FileDescriptor(try check(csyn_raw_open(number), .openRawSocket, call))
    let fd = opened.rawValue
    _ = try check(csyn_raw_accept_ports(fd, number, ports.lowerBound, ports.upperBound), .setOption, "SO_ATTACH_FILTER")
    _ = try check(csyn_raw_enable_stamps(fd), .setOption, "SO_TIMESTAMPING")
    _ = csyn_raw_set_receive_buffer(fd, RawSocket.receiveBytes)
    if let hops = options.hopLimit { _ = try check(csyn_raw_set_hops(fd, number, Int32(hops)), .setOption, "IP_TTL") }
    if let octet = options.trafficClass {
      _ = try check(csyn_raw_set_traffic_class(fd, number, Int32(octet)), .setOption, "IP_TOS")
    }
    if options.mark != 0 { _ = try check(csyn_raw_set_mark(fd, options.mark), .setOption, "SO_MARK") }
    if let name = options.interface {
      _ = try check(csyn_raw_set_device(fd, name), .setOption, "SO_BINDTODEVICE \(name)")
    }
    descriptor = opened
    self.family = family
    self.options = options.options
    window = options.window
  }

  /// What to wait on: readable when a reply was delivered, in error when the error queue holds something.
  var rawValue: Int32 { descriptor.rawValue }

  /// Sends the SYN that `specification` describes from `source`, with a hop limit of its own where one is given.
  /// - Throws: `SendFailure` with what the kernel answered.
  mutating func send(
    _ specification: SynSpecification, from source: IPAddress, hopLimit: UInt8?
  ) throws(SendFailure) {
    var segment = csyn_segment()
    segment.source = csyn_address(source)
    segment.destination = csyn_address(specification.target.address)
    segment.source_port = specification.identity.localPort
    segment.destination_port = specification.target.port
    segment.sequence = specification.identity.initialSequence.rawValue
    segment.timestamp = UInt32(truncatingIfNeeded: SystemClock.now().nanoseconds / 1_000_000)
    segment.window = window
    segment.maximum_segment = family == .v4 ? 1_460 : 1_440
    segment.options = options.number
    var buffer = [UInt8](repeating: 0, count: Int(CSYN_MAX_SEGMENT))
    let length = csyn_build_syn(&segment, &buffer, buffer.count)
    guard length > 0 else { throw SendFailure(errno: -length) }
    var result = transmit(specification.id, &segment, buffer, Int(length), hopLimit)
    if result == -EINVAL, tagsStamps {
      tagsStamps = false
      result = transmit(specification.id, &segment, buffer, Int(length), hopLimit)
      if result < 0 { tagsStamps = true }
    }
    if result < 0 { throw SendFailure(errno: -result) }
  }

  private mutating func transmit(
    _ id: ProbeID, _ segment: inout csyn_segment, _ buffer: [UInt8], _ length: Int, _ hopLimit: UInt8?
  ) -> Int32 {
    let began = SystemClock.realtime()
    var sending = csyn_sending(tagged: tagsStamps ? 1 : 0, hops: hopLimit ?? 0, key: id.stampKey)
    let result = csyn_raw_send(
      descriptor.rawValue, &segment.source, &segment.destination, buffer, length, &sending)
    if !tagsStamps { ledger.sent(id, from: began, to: SystemClock.realtime()) }
    return result
  }

  /// What the error queue holds.
  enum Event {
    case stamp(ProbeID, TransmitStamp, KernelTimestamp)
    case icmp(ICMPError, KernelTimestamp?)
  }

  /// Empties the error queue; `newest` is the last probe that was sent.
  mutating func drainEvents(newest: ProbeID?, _ body: (Event) -> Void) {
    var event = csyn_event()
    for _ in 0..<RawSocket.mostPerDrain {
      guard csyn_raw_next_event(descriptor.rawValue, family.number, &event) == 1 else { return }
      if let event = interpret(event, newest) { body(event) }
    }
  }

  private mutating func interpret(_ event: csyn_event, _ newest: ProbeID?) -> Event? {
    let time = event.time >= 0 ? KernelTimestamp(nanoseconds: event.time) : nil
    switch csyn_event_kind(UInt32(bitPattern: event.kind)) {
    case CSYN_QUEUED: return stamp(.queued, event.key, time, newest)
    case CSYN_SENT: return stamp(.sent, event.key, time, newest)
    case CSYN_ICMP: return icmpError(event).map { .icmp($0, time) }
    default: return nil
    }
  }

  private mutating func stamp(
    _ stamp: TransmitStamp, _ key: UInt32, _ time: KernelTimestamp?, _ newest: ProbeID?
  ) -> Event? {
    guard let time, let newest else { return nil }
    let id = tagsStamps ? ProbeID(stampKey: key, notAfter: newest) : ledger.probe(stamp, key: key, at: time)
    return id.map { .stamp($0, stamp, time) }
  }

  private func icmpError(_ event: csyn_event) -> ICMPError? {
    guard let destination = IPAddress(event.destination) else { return nil }
    let quoted = withUnsafeBytes(of: event.quote) { quote in
      try? ICMPError.QuotedSegment.parse(
        UnsafeRawBufferPointer(rebasing: quote.prefix(Int(event.quoted))).bytes, destination: destination)
    }
    let sender = IPAddress(event.offender) ?? destination
    return quoted.map { ICMPError(sender: sender, type: event.icmp_type, code: event.icmp_code, quoted: $0) }
  }

  /// Whether the receive buffer, which stamps share, is full now, so that stamps may be missing which no one counts.
  var isFull: Bool { memory().map { $0.used >= $0.limit - $0.limit / 8 } ?? false }

  /// How many packets the full receive buffer dropped since the last call.
  mutating func takeDrops() -> UInt64 {
    guard let memory = memory() else { return 0 }
    defer { dropsSeen = memory.drops }
    return UInt64(memory.drops &- dropsSeen)
  }

  private func memory() -> csyn_memory? {
    var memory = csyn_memory()
    return csyn_raw_memory(descriptor.rawValue, &memory) == 0 ? memory : nil
  }

  /// Hands over every delivered segment.
  mutating func drainDeliveries(_ body: (TCPSegment, KernelTimestamp?) -> Void) {
    var buffer = [UInt8](repeating: 0, count: RawSocket.packetBytes)
    var delivery = csyn_delivery()
    for _ in 0..<RawSocket.mostPerDrain {
      guard csyn_raw_next_delivery(descriptor.rawValue, family.number, &buffer, buffer.count, &delivery) == 1 else {
        return
      }
      guard case .tcp(let segment) = frame(buffer, delivery) else { continue }
      body(segment, delivery.time >= 0 ? KernelTimestamp(nanoseconds: delivery.time) : nil)
    }
  }

  private func frame(_ buffer: [UInt8], _ delivery: csyn_delivery) -> Frame {
    buffer.withUnsafeBytes { bytes in
      let packet = UnsafeRawBufferPointer(rebasing: bytes.prefix(Int(delivery.length))).bytes
      if family == .v4 { return Frame.parse(packet, link: .rawIP) }
      guard let source = IPAddress(delivery.source), let destination = IPAddress(delivery.destination) else {
        return .other(.truncated)
      }
      return Frame.parseSegment(packet, source: source, destination: destination, hopLimit: delivery.hops)
    }
  }
}

extension SynOptions {
  fileprivate var number: UInt8 {
    switch self {
    case .client: UInt8(CSYN_OPTIONS_CLIENT.rawValue)
    case .mss: UInt8(CSYN_OPTIONS_MSS.rawValue)
    case .none: UInt8(CSYN_OPTIONS_NONE.rawValue)
    }
  }
}
