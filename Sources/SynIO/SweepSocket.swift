internal import CSyn
internal import SynCore
internal import SynSweep
internal import SynSystem
internal import SynWire

/// Sends SYNs of one family by the batch, without the kernel's stamps.
struct SweepSocket: ~Copyable {
  private let descriptor: FileDescriptor
  private let family: IPAddress.Family
  private let options: ProberConfiguration
  private var batch: [csyn_departure] = []

  /// So many leave by one system call.
  static let most = Int(CSYN_BATCH)
  /// No answer is read from this socket: the capture sees them.
  private static let noPort: ClosedRange<UInt16> = 0...0
  private static let mostErrors = 4096

  /// Opens it.
  /// - Throws: `SystemError` with `isMissingCapability` where CAP_NET_RAW is missing.
  init(_ family: IPAddress.Family, _ options: ProberConfiguration) throws(SystemError) {
    let opened = try FileDescriptor.raw(family, ports: SweepSocket.noPort, options)
    // The counters of those numbers are shared by all processors: a fifteenth of the kernel's work for a SYN.
    if family == .v4 { _ = csyn_raw_set_atomic(opened.rawValue) }
    descriptor = consume opened
    self.family = family
    self.options = options
    batch.reserveCapacity(SweepSocket.most)
  }

  /// A SYN, and the way that it goes.
  struct Departure {
    let target: Endpoint
    /// Whether the target was asked before.
    let isAgain: Bool
    let localPort: UInt16
    let sequence: SequenceNumber
    let route: Route
  }

  /// Sends SYNs in their order, and says of each why it was refused, or nil; behind one that this host has no room for no
  /// other is tried, or spoken of.
  mutating func send(_ departures: ArraySlice<Departure>, _ body: (Departure, SendFailure?) -> Void) {
    batch.removeAll(keepingCapacity: true)
    for departure in departures { batch.append(prepared(departure)) }
    forgetErrors()
    var done = 0
    while done < batch.count {
      // Which of several was refused, and why, is told by sending it alone.
      var count = call(from: done, batch.count - done)
      if count == 0 { count = call(from: done, 1) }
      for index in done..<done + count {
        let failure = failure(of: index).flatMap { $0.mayBeAnothers ? again(index) : $0 }
        body(departures[departures.startIndex + index], failure)
        if failure?.isShortage == true { return }
      }
      done += count
    }
  }

  /// Sends one anew: an ICMP error about an earlier one may have been what refused it.
  private mutating func again(_ index: Int) -> SendFailure? {
    forgetErrors()
    _ = call(from: index, 1)
    return failure(of: index)
  }

  /// Sends some; how many have their result.
  private mutating func call(from first: Int, _ most: Int) -> Int {
    let fd = descriptor.rawValue
    return batch.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.map { csyn_raw_send(fd, $0 + first, most) } ?? 0
    }
  }

  private func failure(of index: Int) -> SendFailure? {
    let result = batch[index].result
    return result < 0 ? SendFailure(errno: -result, isBufferFull: batch[index].crowded != 0) : nil
  }

  /// Those of the network come by the capture, too; that a neighbour is silent this host tells itself alone.
  private func forgetErrors() {
    var event = csyn_event()
    for _ in 0..<SweepSocket.mostErrors where csyn_raw_next_events(descriptor.rawValue, &event, 1) != 1 {
      return
    }
  }

  private func prepared(_ departure: Departure) -> csyn_departure {
    let timestamp = SweepIdentity.timestamp(SystemClock.timestamp, isAgain: departure.isAgain)
    var packet = csyn_departure(
      to: departure.target, from: departure.localPort, departure.sequence, by: departure.route, timestamp: timestamp,
      window: options.window, options: options.options)
    packet.steer(
      by: departure.route, to: departure.target, hopLimit: options.hopLimit, trafficClass: options.trafficClass ?? 0)
    return packet
  }
}
