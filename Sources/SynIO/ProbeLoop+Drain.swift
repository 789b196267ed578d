internal import SynCore
internal import SynSystem
internal import SynWire

extension ProbeLoop {
  mutating func drainDeliveries() {
    var delivered: [(TCPSegment, KernelTimestamp?)] = []
    socketV4?.drainDeliveries { delivered.append(($0, $1)) }
    socketV6?.drainDeliveries { delivered.append(($0, $1)) }
    for (segment, time) in delivered { engine.delivered(segment, at: time) }
  }

  mutating func drainCaptures() {
    for (device, capture) in captures {
      var captured: [(Frame, KernelTimestamp)] = []
      let isUp = capture.drain { captured.append(($0, $1)) }
      for (frame, time) in captured where isOurs(frame) { engine.captured(frame, at: time, on: device) }
      if !isUp {
        // The device has gone; the next probe's route opens a capture where it leads then.
        captures[device] = nil
        engine.captureInterrupted()
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

  mutating func drainEvents() {
    var events: [RawSocket.Event] = []
    socketV4?.drainEvents(newest: engine.newestID) { events.append($0) }
    socketV6?.drainEvents(newest: engine.newestID) { events.append($0) }
    for event in events {
      switch event {
      case .stamp(let id, let stamp, let time):
        engine.stamped(id, stamp, at: time)
        if stamp == .queued { explainHold(of: id) }
      case .icmp(let error, let time): engine.delivered(error, at: time)
      }
    }
  }

  /// Finds out what held a SYN between its sending and its queue.
  private mutating func explainHold(of id: ProbeID) {
    guard engine.unexplainedHold(of: id) != nil, let request = engine.request(of: id) else { return }
    let age = routes.finder.age(of: request.neighbour, on: request.device)
    // Its entry changed when the neighbour was found, which let the SYN go.
    let isFresh = age.map {
      $0 <= SystemClock.realtime() - (engine.queued(id) ?? SystemClock.realtime()) + .milliseconds(50)
    }
    engine.held(id, by: isFresh == true ? .neighbour : .packetQueue)
  }

  /// Finds out of the probes whose time is up without a trace whether their neighbour is to blame.
  mutating func findSilentNeighbours() {
    var asked: [RouteQuestion: Bool] = [:]
    for id in engine.traceless(at: SystemClock.now()) {
      guard let request = engine.request(of: id), request.source != nil else { continue }
      let question = RouteQuestion(target: request.neighbour, interface: request.device)
      let isSilent = asked[question] ?? routes.finder.isSilent(question.target, on: question.interface)
      asked[question] = isSilent
      if isSilent { engine.neighbourIsSilent(id) }
    }
  }

  mutating func drainConnections() {
    var ended: [(ProbeID, Connector.End)] = []
    connector?.drain { ended.append(($0, $1)) }
    for (id, end) in ended {
      switch end {
      case .answered(let attempt): engine.attempted(id, attempt)
      case .failed(let failure): engine.sendFailed(id, failure)
      }
    }
  }

  /// Notes whether the receive buffers are full, before they are emptied: then stamps may have been lost.
  mutating func noteFill() {
    if socketV4?.isFull == true || socketV6?.isFull == true { engine.captureInterrupted() }
  }

  /// Notes what this host's own full buffers have dropped: such probes are not the network's loss.
  mutating func countDrops() {
    for capture in captures.values { engine.captureDropped(capture.takeDrops()) }
    engine.captureDropped((socketV4?.takeDrops() ?? 0) + (socketV6?.takeDrops() ?? 0))
  }
}
