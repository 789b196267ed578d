import SynCore
import SynWire

/// An engine whose probes are answered in turn, in simulated time.
struct EngineRun: ~Copyable {
  private var engine = ProbeEngine(at: MonotonicInstant(nanoseconds: 0))
  private var now = MonotonicInstant(nanoseconds: 0)
  private var submitted = 0
  private var answered = 0
  private var completed = 0
  private let identities = IdentityAllocator(key: (1, 2))
  private let target = Endpoint(address: IPAddress(v4: 0xc000_0202), port: 8080)
  private let source = IPAddress(v4: 0xc000_0201)

  /// Sends one probe more.
  mutating func submit() {
    let request = ProbeRequest(series: SeriesID(0), sequence: submitted, target: target, timeout: .seconds(1_000))
    let id = engine.upcomingID
    _ = try? engine.submit(request, as: identity(of: submitted), at: now)
    submitted += 1
    engine.transmitted(id, from: stamp(0), to: stamp(20))
    engine.stamped(id, .queued, at: stamp(5))
    engine.stamped(id, .sent, at: stamp(10))
    turn()
  }

  /// The oldest probe's answer arrives.
  mutating func answerOldest() {
    guard answered < submitted else { return }
    let identity = identity(of: answered)
    answered += 1
    let segment = TCPSegment(
      source: target, destination: Endpoint(address: source, port: identity.localPort), sequence: SequenceNumber(77),
      acknowledgement: identity.initialSequence.advanced(by: 1), flags: [.syn, .ack], window: 65_160,
      options: TCPOptions())
    engine.captured(.tcp(segment), at: stamp(30))
    engine.delivered(segment, at: stamp(40))
    turn()
  }

  /// Whether so many probes have ended, each once and answered, and so many are still out.
  func isWhole(answered count: Int, inFlight: Int) -> Bool {
    completed == count && engine.counters.outcomes == [.open: UInt64(count)] && engine.inFlight == inFlight
  }

  private func identity(of number: Int) -> ProbeIdentity {
    identities.identity(of: ProbeID(UInt64(number)), to: target, from: UInt16(61_000 + number % 4096))
  }

  private func stamp(_ microseconds: Int64) -> KernelTimestamp {
    KernelTimestamp(nanoseconds: now.nanoseconds + microseconds * 1_000)
  }

  private mutating func turn() {
    now = now.advanced(by: .microseconds(50))
    engine.advance(to: now)
    while let action = engine.nextAction() {
      if case .complete = action { completed += 1 }
    }
    _ = engine.nextDeadline()
  }
}
