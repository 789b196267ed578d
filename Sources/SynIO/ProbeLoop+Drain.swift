internal import SynCore
internal import SynWire

extension ProbeLoop {
  mutating func drainDeliveries() {
    var delivered: [(TCPSegment, KernelTimestamp?)] = []
    var dropped = socketV4?.drainDeliveries { delivered.append(($0, $1)) } ?? 0
    dropped += socketV6?.drainDeliveries { delivered.append(($0, $1)) } ?? 0
    for (segment, time) in delivered { engine.delivered(segment, at: time) }
    engine.captureDropped(dropped)
  }

  mutating func drainCaptures() {
    for (name, capture) in captures {
      var captured: [(Frame, KernelTimestamp)] = []
      let isUp = capture.drain { captured.append(($0, $1)) }
      for (frame, time) in captured { engine.captured(frame, at: time) }
      if !isUp {
        // The device has gone; the next probe's route opens a capture where it leads then.
        captures[name] = nil
        engine.captureInterrupted()
      }
    }
  }

  mutating func drainEvents() {
    var events: [RawSocket.Event] = []
    socketV4?.drainEvents(newest: engine.newestID) { events.append($0) }
    socketV6?.drainEvents(newest: engine.newestID) { events.append($0) }
    for event in events {
      switch event {
      case .stamp(let id, let stamp, let time): engine.stamped(id, stamp, at: time)
      case .icmp(let error, let time): engine.delivered(error, at: time)
      }
    }
  }

  mutating func countDrops() {
    for capture in captures.values { engine.captureDropped(capture.takeDrops()) }
  }
}
