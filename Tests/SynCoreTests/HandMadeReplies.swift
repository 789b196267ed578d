import SynCore
import SynTesting
import SynWire

/// One probe and hand-made replies: each rule of the engine on its own.
struct Bench: ~Copyable {
  static let target = Endpoint(address: IPAddress(v4: 0xc000_0202), port: 80)
  static let identity = ProbeIdentity(localPort: 61_000, initialSequence: SequenceNumber(0xffff_ffff))
  var engine = ProbeEngine(at: MonotonicInstant(nanoseconds: 0))
  var results: [ProbeResult] = []
  var reports: [AnomalyReport] = []
  /// Probes that are to be sent again.
  var again: [ProbeID] = []

  static func at(_ milliseconds: Int64) -> MonotonicInstant { MonotonicInstant(nanoseconds: milliseconds * 1_000_000) }
  static func stamp(_ milliseconds: Int64) -> KernelTimestamp {
    KernelTimestamp(nanoseconds: 1_700_000_000_000_000_000 + milliseconds * 1_000_000)
  }

  /// A SYN-ACK to the probe, with changes.
  static func synAck(
    clock: UInt32? = 5, sequence: UInt32 = 900, _ change: (inout TCPSegment) -> Void = { _ in }
  ) -> TCPSegment {
    var options = TCPOptions()
    options.timestamps = clock.map { TCPOptions.Timestamps(value: $0, echo: 0) }
    var segment = TCPSegment(
      source: target, destination: Endpoint(address: IPAddress(v4: 0xc000_0201), port: identity.localPort),
      sequence: SequenceNumber(sequence), acknowledgement: SequenceNumber(0), flags: [.syn, .ack], window: 1000,
      options: options, hopLimit: 61)
    change(&segment)
    return segment
  }

  mutating func submit(
    _ sequence: Int = 0, at milliseconds: Int64 = 0, as identity: ProbeIdentity = Bench.identity, stamps: Bool = true,
    expectsSentStamp: Bool = true
  ) throws {
    let request = ProbeRequest(
      series: SeriesID(0), sequence: sequence, target: Bench.target, timeout: .seconds(2),
      expectsSentStamp: expectsSentStamp)
    let id = try engine.submit(request, as: identity, at: Bench.at(milliseconds))
    guard stamps else { return }
    engine.stamped(id, .queued, at: Bench.stamp(milliseconds))
    engine.stamped(id, .sent, at: Bench.stamp(milliseconds + 1))
  }

  mutating func arrive(_ segment: TCPSegment, at milliseconds: Int64, delivered: Int64? = nil) {
    engine.captured(.tcp(segment), at: Bench.stamp(milliseconds))
    engine.delivered(segment, at: Bench.stamp(delivered ?? milliseconds + 1))
  }

  mutating func advance(to milliseconds: Int64) {
    engine.advance(to: Bench.at(milliseconds))
    while let action = engine.nextAction() {
      switch action {
      case .transmit, .connect, .packet: break
      case .sendAgain(let id, _, _): again.append(id)
      case .complete(let result): results.append(result)
      case .report(let report): reports.append(report)
      }
    }
  }

  var outcomes: [ProbeOutcome] { results.map(\.outcome) }
  var anomalies: [Anomaly] { reports.map(\.kind) }
}
