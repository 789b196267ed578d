public import SynCore

/// What a target's clock told in its answers, as far as this host's own clock can be trusted meanwhile.
public struct ClockLog: Hashable, Sendable {
  /// The readings, in the order in which the probes ended.
  public private(set) var readings: [ClockReading] = []
  /// Whether this host's clock was stepped, so that nothing before goes with what came after.
  public private(set) var isStepped = false
  /// The realtime clock less the monotonic one, nanoseconds.
  private let ahead: Int64

  /// So many are kept.
  public static let most = 20_000

  /// Begins at a moment that was read on both clocks.
  public init(realtime: KernelTimestamp, monotonic: MonotonicInstant) {
    ahead = realtime.nanoseconds &- monotonic.nanoseconds
  }

  /// Adds an event of the series.
  public mutating func add(_ event: ProbeEvent) {
    switch event {
    case .probe(let result): add(result)
    case .report(let report) where report.kind == .clockSteps:
      isStepped = true
      readings.removeAll()
    default: break
    }
  }

  private mutating func add(_ result: ProbeResult) {
    guard result.outcome == .open, !isStepped, readings.count < ClockLog.most, let port = result.localPort,
      let ticks = result.reply?.senderClock, let sent = result.observation.sent,
      let received = result.observation.received
    else { return }
    readings.append(
      ClockReading(
        port: port, sent: sent.nanoseconds &- ahead, received: received.nanoseconds &- ahead, ticks: ticks))
  }
}
