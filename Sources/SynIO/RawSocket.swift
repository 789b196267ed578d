internal import CSyn
internal import Glibc
internal import SynCore
internal import SynSystem
internal import SynWire

/// Sends SYN segments of one address family, and reads the kernel's stamps, errors and delivered replies.
struct RawSocket: ~Copyable {
  private let descriptor: FileDescriptor
  private let family: IPAddress.Family
  private let options: SynOptions
  private let window: UInt16
  private let hopLimit: UInt8?
  private let trafficClass: UInt8
  /// Whether what is read comes with its headers.
  private let keepsPackets: Bool
  /// When the receive queue was last found empty.
  private var lastEmpty = SystemClock.realtime()
  /// Whether the kernel lets a packet's stamps carry the probe's number (SCM_TS_OPT_ID); nil until the first packet.
  private var tagsStamps: Bool?
  /// After a refusal each leaves by a call of its own for a while: of several the refused one would be tried twice, and what
  /// a filter of this host drops by chance would be less than it is.
  private var aloneUntil = MonotonicInstant(nanoseconds: 0)
  private static let aloneTime = Duration.seconds(1)
  private var ledger = StampLedger()
  /// Room for what leaves together, kept.
  private var batch: [csyn_departure] = []
  /// Room for what is read together, kept.
  private var events = [csyn_event](repeating: csyn_event(), count: Int(RawSocket.mostPerRead))
  private var deliveries = [csyn_delivery](repeating: csyn_delivery(), count: Int(RawSocket.mostPerRead))
  private var packets = [UInt8](repeating: 0, count: Int(RawSocket.mostPerRead) * RawSocket.packetBytes)
  private var dropsSeen: UInt32 = 0

  private static let receiveBytes: Int32 = 4 << 20
  private static let mostPerRead = Int32(CSYN_READ_MOST)
  private static let mostReadsPerDrain = 65_536 / mostPerRead
  /// Headers of full length; data behind them is of no use.
  private static let packetBytes = 256

  /// Opens the socket and lets in only replies to `ports`.
  /// - Throws: `SystemError` with `isMissingCapability` where CAP_NET_RAW is missing.
  init(
    _ family: IPAddress.Family, ports: ClosedRange<UInt16>, options: ProberConfiguration, tagsStamps: Bool? = nil
  ) throws(SystemError) {
    let opened = try FileDescriptor.raw(family, ports: ports, options)
    _ = try check(
      csyn_raw_enable_stamps(opened.rawValue, options.keepsPackets ? 1 : 0), .setOption, "SO_TIMESTAMPING")
    _ = csyn_raw_set_receive_buffer(opened.rawValue, RawSocket.receiveBytes)
    descriptor = opened
    self.tagsStamps = tagsStamps
    self.family = family
    self.options = options.options
    window = options.window
    keepsPackets = options.keepsPackets
    hopLimit = options.hopLimit
    trafficClass = options.trafficClass ?? 0
  }

  /// What to wait on: readable when a reply was delivered, in error when the error queue holds something.
  var rawValue: Int32 { descriptor.rawValue }

  /// Whether what a failed call did to the kernel's counter of stamps is told by its time alone: see `StampLedger`.
  var countsStamps: Bool { tagsStamps == false }

  /// Sends SYNs in their order, and says of each what became of it, before the next ones leave.
  ///
  /// Behind one that this host has no room for no other is tried, or spoken of.
  mutating func send(
    _ departures: ArraySlice<Departure>,
    _ body: (SynSpecification, Result<Departure.Call, SendFailure>) -> Void
  ) {
    batch.removeAll(keepingCapacity: true)
    for departure in departures { batch.append(prepared(departure)) }
    var done = 0
    while done < batch.count {
      let isAlone = tagsStamps != true || SystemClock.now() < aloneUntil
      let most = isAlone ? 1 : batch.count - done
      let count = send(from: done, most)
      if count == 0 { aloneUntil = SystemClock.now().advanced(by: RawSocket.aloneTime) }
      for index in done..<done + count {
        let specification = departures[departures.startIndex + index].specification
        let result = outcome(of: index, specification.id)
        body(specification, result)
        if case .failure(let failure) = result {
          aloneUntil = SystemClock.now().advanced(by: RawSocket.aloneTime)
          if failure.isShortage { return }
        }
      }
      done += count
    }
  }

  /// Sends at most so many by one call; how many have their result.
  private mutating func send(from first: Int, _ most: Int) -> Int {
    if tagsStamps == false { batch[first].tagged = 0 }
    let count = call(from: first, most)
    guard tagsStamps == nil else { return count }
    if batch[first].result == -EINVAL {
      // An older kernel knows no stamps with a key of ours; should it refuse without one too, nothing is known.
      batch[first].tagged = 0
      _ = call(from: first, 1)
      if batch[first].result >= 0 { tagsStamps = false }
    } else if batch[first].result >= 0 {
      tagsStamps = true
    }
    return count
  }

  private mutating func call(from first: Int, _ most: Int) -> Int {
    let fd = descriptor.rawValue
    return batch.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.map { csyn_raw_send(fd, $0 + first, most) } ?? 0
    }
  }

  private mutating func outcome(of index: Int, _ id: ProbeID) -> Result<Departure.Call, SendFailure> {
    let call = (
      began: KernelTimestamp(nanoseconds: batch[index].began), ended: KernelTimestamp(nanoseconds: batch[index].ended)
    )
    let result = batch[index].result
    if batch[index].tagged == 0 {
      ledger.sent(id, from: call.began, to: call.ended, isAccepted: result >= 0)
    }
    if result >= 0 { return .success(call) }
    return .failure(SendFailure(errno: -result, isBufferFull: batch[index].crowded != 0))
  }

  private func prepared(_ departure: Departure) -> csyn_departure {
    let (specification, route) = (departure.specification, departure.route)
    var packet = csyn_departure(
      to: specification.target, from: specification.identity.localPort, specification.identity.initialSequence,
      by: route, timestamp: SystemClock.timestamp, window: window, options: specification.shape?.options ?? options)
    packet.segment.padding = specification.shape?.padding ?? 0
    packet.tagged = tagsStamps == false ? 0 : 1
    packet.key = specification.id.stampKey
    packet.hops = specification.hopLimit ?? 0
    packet.steer(
      by: route, to: specification.target, hopLimit: specification.hopLimit ?? hopLimit, trafficClass: trafficClass)
    return packet
  }

  /// What the error queue holds.
  enum Event {
    case stamp(ProbeID, TransmitStamp, KernelTimestamp)
    case icmp(ICMPError, KernelTimestamp?)
  }

  /// Empties the error queue; `newest` is the last probe that was sent.
  ///
  /// A stamp comes with its packet, where packets are kept.
  mutating func drainEvents(newest: ProbeID?, _ body: (Event, PacketHeaders?) -> Void) {
    for _ in 0..<RawSocket.mostReadsPerDrain {
      let count = Int(csyn_raw_next_events(descriptor.rawValue, &events, RawSocket.mostPerRead))
      guard count > 0 else { return }
      for index in 0..<count {
        guard let known = interpret(events[index], newest) else { continue }
        body(known, keepsPackets ? headers(events[index]) : nil)
      }
    }
  }

  /// The packet of a stamp, with the link header of its device before it, or without one.
  private func headers(_ event: csyn_event) -> PacketHeaders? {
    withUnsafeBytes(of: event.quote) { quote in
      let bytes = UnsafeRawBufferPointer(rebasing: quote.prefix(Int(event.quoted))).bytes
      return PacketHeaders(of: bytes, link: .ethernet) ?? PacketHeaders(of: bytes, link: .rawIP)
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
    let id = tagsStamps != false ? ProbeID(stampKey: key, notAfter: newest) : ledger.probe(stamp, key: key, at: time)
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

  /// A delivery that is read this much later than its stamp, though the queue was empty in between, came later.
  private static let readingDelay = Duration.microseconds(200)

  /// The moment of a delivery.
  ///
  /// Behind most devices the stamp is that of the arrival, before whatever holds a packet in this host's ingress (a packet
  /// queue, a shaper). Where the queue was looked at after that moment, and was empty, the delivery is the later one.
  private func delivered(_ stamp: KernelTimestamp) -> KernelTimestamp {
    guard lastEmpty - stamp > .zero else { return stamp }
    let now = SystemClock.realtime()
    return now - stamp > RawSocket.readingDelay ? now : stamp
  }

  /// Nothing had been delivered at that moment, as the wait for it says.
  mutating func wasFoundEmpty(at time: KernelTimestamp) { lastEmpty = time }

  /// Hands over every delivered segment.
  mutating func drainDeliveries(_ body: (TCPSegment, KernelTimestamp?, PacketHeaders?) -> Void) {
    defer { lastEmpty = SystemClock.realtime() }
    for _ in 0..<RawSocket.mostReadsPerDrain {
      let count = Int(
        csyn_raw_next_deliveries(
          descriptor.rawValue, family.number, &packets, RawSocket.packetBytes, &deliveries, RawSocket.mostPerRead))
      guard count > 0 else { return }
      for index in 0..<count {
        let delivery = deliveries[index]
        guard case .tcp(let segment) = frame(index, delivery) else { continue }
        let time = delivery.time >= 0 ? delivered(KernelTimestamp(nanoseconds: delivery.time)) : nil
        body(segment, time, keepsPackets ? headers(index, delivery) : nil)
      }
    }
  }

  private func headers(_ index: Int, _ delivery: csyn_delivery) -> PacketHeaders? {
    withPacket(index, delivery) { packet in
      if family == .v4 { return PacketHeaders(of: packet, link: .rawIP) }
      guard let source = IPAddress(delivery.source), let destination = IPAddress(delivery.destination) else {
        return nil
      }
      return PacketHeaders(of: packet, source: source, destination: destination, hopLimit: delivery.hops)
    }
  }

  private func frame(_ index: Int, _ delivery: csyn_delivery) -> Frame {
    withPacket(index, delivery) { packet in
      if family == .v4 { return Frame.parse(packet, link: .rawIP) }
      guard let source = IPAddress(delivery.source), let destination = IPAddress(delivery.destination) else {
        return .other(.truncated)
      }
      return Frame.parseSegment(packet, source: source, destination: destination, hopLimit: delivery.hops)
    }
  }

  /// What was read to this place.
  private func withPacket<T>(_ index: Int, _ delivery: csyn_delivery, _ body: (RawSpan) -> T) -> T {
    packets.withUnsafeBytes { bytes in
      let first = index * RawSocket.packetBytes
      return body(UnsafeRawBufferPointer(rebasing: bytes[first..<first + Int(delivery.length)]).bytes)
    }
  }
}

extension SynOptions {
  var number: UInt8 {
    switch self {
    case .client: UInt8(CSYN_OPTIONS_CLIENT.rawValue)
    case .mss: UInt8(CSYN_OPTIONS_MSS.rawValue)
    case .none: UInt8(CSYN_OPTIONS_NONE.rawValue)
    }
  }
}
