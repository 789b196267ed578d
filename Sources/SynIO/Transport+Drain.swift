internal import SynCore
internal import SynSystem
internal import SynWire

extension Transport {
  /// Where something waits to be read.
  struct Readiness {
    var v4 = true
    var v6 = true
    var connector = true
    var captures = true
    /// When that was so; nil for what is not known.
    var time: KernelTimestamp?

    /// Everywhere, for all one knows.
    static let unknown = Readiness()
  }

  /// What a wait for `descriptors` found, those of this transport beginning at `first`.
  func readiness(in waiting: Waiting, from first: Int) -> Readiness {
    var place = first
    func next(_ exists: Bool) -> Bool {
      guard exists else { return false }
      defer { place += 1 }
      return waiting.isReady(place)
    }
    let v4 = next(socketV4 != nil)
    let v6 = next(socketV6 != nil)
    let connector = next(connector != nil)
    let captures = (0..<capturesAsked).contains { waiting.isReady(place + $0) }
    return Readiness(v4: v4, v6: v6, connector: connector, captures: captures, time: waiting.ended)
  }

  /// Hands over what the kernel holds.
  ///
  /// The order is against the packets' way: whatever led to a delivered reply (its arrival, and before that the
  /// stamps of its SYN) was there earlier, so it is found when its turn comes.
  mutating func drain(_ ready: Readiness, into arrivals: inout some Arrivals & ~Copyable) {
    // Buffers that are full now may have lost stamps which no one counts.
    if ready.v4 && socketV4?.isFull == true || ready.v6 && socketV6?.isFull == true { arrivals.captureInterrupted() }
    if ready.v4 {
      drainDeliveries(.v4, into: &arrivals)
    } else if let time = ready.time {
      socketV4?.wasFoundEmpty(at: time)
    }
    if ready.v6 {
      drainDeliveries(.v6, into: &arrivals)
    } else if let time = ready.time {
      socketV6?.wasFoundEmpty(at: time)
    }
    if ready.v4 || ready.v6 || ready.captures { drainCaptures(into: &arrivals) }
    if ready.v4 { drainEvents(.v4, into: &arrivals) }
    if ready.v6 { drainEvents(.v6, into: &arrivals) }
    drainDropped(into: &arrivals)
    if ready.connector || connector?.isImmediate == true { drainConnections(into: &arrivals) }
  }

  /// Hands over what the error queues hold.
  mutating func drainEvents(into arrivals: inout some Arrivals & ~Copyable) {
    drainEvents(.v4, into: &arrivals)
    drainEvents(.v6, into: &arrivals)
  }

  /// Tells what this host's own full buffers have dropped: such probes are not the network's loss.
  mutating func countDrops(into arrivals: inout some Arrivals & ~Copyable) {
    for capture in captures.values { arrivals.captureDropped(capture.takeDrops()) }
    arrivals.captureDropped((socketV4?.takeDrops() ?? 0) + (socketV6?.takeDrops() ?? 0))
  }

  /// Hands over which packets this host has dropped, and why.
  mutating func drainDropped(into arrivals: inout some Arrivals & ~Copyable) {
    tracer?.drain { arrivals.dropped($0) }
  }

  // MARK: One kind each

  private mutating func drainDeliveries(_ family: IPAddress.Family, into arrivals: inout some Arrivals & ~Copyable) {
    switch family {
    case .v4: socketV4?.drainDeliveries { arrivals.take($0, at: $1, $2) }
    case .v6: socketV6?.drainDeliveries { arrivals.take($0, at: $1, $2) }
    }
  }

  private mutating func drainCaptures(into arrivals: inout some Arrivals & ~Copyable) {
    for (device, capture) in captures {
      let isUp = capture.drain { frame, time, headers in
        guard isOurs(frame) else { return }
        arrivals.captured(frame, at: time, on: device)
        guard let headers else { return }
        arrivals.saw(SeenPacket(.received, at: time, device: capture.device, headers: headers), frame)
      }
      if !isUp {
        // The device has gone; the next probe's route opens a capture where it leads then.
        closeCapture(device)
        arrivals.captureInterrupted()
      }
    }
  }

  /// Whether a frame came to a port that is reserved: the filter lets in a whole block, which other probers use too.
  private mutating func isOurs(_ frame: Frame) -> Bool {
    switch frame {
    case .tcp(let segment): return reservations.holds(segment.destination.port)
    case .icmp(let error): return reservations.holds(error.quoted.sourcePort)
    case .other(let error):
      parseErrors[error, default: 0] += 1
      return false
    }
  }

  private mutating func drainEvents(_ family: IPAddress.Family, into arrivals: inout some Arrivals & ~Copyable) {
    let newest = arrivals.newestID
    switch family {
    case .v4: socketV4?.drainEvents(newest: newest) { arrivals.take($0, $1) }
    case .v6: socketV6?.drainEvents(newest: newest) { arrivals.take($0, $1) }
    }
  }

  private mutating func drainConnections(into arrivals: inout some Arrivals & ~Copyable) {
    connector?.drain { id, end in
      switch end {
      case .answered(let attempt): arrivals.attempted(id, attempt)
      case .failed(let failure): arrivals.sendFailed(id, failure)
      }
    }
  }
}

extension Arrivals where Self: ~Copyable {
  fileprivate mutating func take(_ segment: TCPSegment, at time: KernelTimestamp?, _ headers: PacketHeaders?) {
    delivered(segment, at: time)
    guard let headers, let time else { return }
    saw(SeenPacket(.delivered, at: time, headers: headers), .tcp(segment))
  }

  fileprivate mutating func take(_ event: RawSocket.Event, _ headers: PacketHeaders?) {
    switch event {
    case .stamp(let id, let stamp, let time):
      stamped(id, stamp, at: time)
      guard let headers else { return }
      saw(SeenPacket(stamp == .queued ? .queued : .sent, at: time, headers: headers), of: id)
    case .icmp(let error, let time): delivered(error, at: time)
    }
  }
}
