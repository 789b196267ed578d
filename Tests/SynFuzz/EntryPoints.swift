import SynCore
import SynDoctor
import SynProbe
import SynWire

/// Everything that reads what others wrote, each behind a number: the first octet of an input chooses.
struct EntryPoints: ~Copyable {
  static let links: [LinkType] = [.ethernet, .rawIP, .loopback, .linuxCooked1, .linuxCooked2]
  static let count = 9

  /// How many inputs each took, and how many of those it did not refuse: a fuzzer that only meets refusals tests nothing.
  private(set) var taken = [Int](repeating: 0, count: count)
  private(set) var accepted = [Int](repeating: 0, count: count)
  /// How many of the frames were errors of ICMP.
  private(set) var errors = 0
  private var engine = EngineUnderFire()

  /// Hands one input over.
  mutating func run(_ input: [UInt8]) {
    guard let first = input.first else { return }
    let number = Int(first) % Self.count
    let bytes = Array(input.dropFirst())
    taken[number] += 1
    if accepts(number, bytes) { accepted[number] += 1 }
  }

  private mutating func accepts(_ number: Int, _ bytes: [UInt8]) -> Bool {
    switch number {
    case 0..<5: return frame(Frame.parse(bytes.span.bytes, link: Self.links[number]))
    case 5:
      let source = IPAddress(v6: 2)
      return frame(
        Frame.parseSegment(bytes.span.bytes, source: source, destination: IPAddress(v6: 1), hopLimit: 64))
    case 6: return (try? ICMPError.QuotedSegment.parse(bytes.span.bytes, destination: IPAddress(v4: 1))) != nil
    case 7: return text(String(decoding: bytes, as: UTF8.self))
    default:
      let status = TaskStatus(String(decoding: bytes, as: UTF8.self))
      let report = ProcessReport(pid: 1, [(tid: 1, status: status)])
      return !ProcessText(report).lines.isEmpty && status.capabilities("CapEff") != nil
    }
  }

  /// What was parsed goes on to the engine, and its description is built as for a person.
  private mutating func frame(_ frame: Frame) -> Bool {
    engine.take(frame)
    if case .other = frame { return false }
    if case .icmp = frame { errors += 1 }
    return !"\(frame)".isEmpty
  }

  private func text(_ text: String) -> Bool {
    let address = IPAddress(text)
    let target = try? Target.parse(text, defaultPort: 80)
    let duration = try? Duration.parse(text)
    let port = try? Target.parsePort(text)
    _ = text.escaped
    return address != nil || target != nil || duration != nil || port != nil
  }
}

/// An engine with probes in flight, into which every parsed frame goes.
struct EngineUnderFire: ~Copyable {
  private var engine = ProbeEngine(at: MonotonicInstant(nanoseconds: 0))
  private var now = MonotonicInstant(nanoseconds: 0)
  private var sequence = 0
  private var ended = 0

  /// The probe that the corpus's packets answer.
  static let identity = ProbeIdentity(localPort: 61_000, initialSequence: SequenceNumber(0xa0b0_c0cf))
  static let target = Endpoint(address: IPAddress(v4: 0xc000_0202), port: 80)

  mutating func take(_ frame: Frame) {
    let stamp = KernelTimestamp(nanoseconds: 1_000_000_000_000 + now.nanoseconds)
    engine.captured(frame, at: stamp)
    switch frame {
    case .tcp(let segment): engine.delivered(segment, at: stamp)
    case .icmp(let error): engine.delivered(error, at: stamp)
    case .other: break
    }
    now = now.advanced(by: .microseconds(300))
    engine.clocksRead(ClockWatch.Reading(monotonic: now, realtime: stamp))
    engine.advance(to: now)
    while let action = engine.nextAction() {
      if case .complete = action { ended += 1 }
    }
    if engine.inFlight == 0 { submit() }
  }

  private mutating func submit() {
    sequence += 1
    let request = ProbeRequest(
      series: SeriesID(0), sequence: sequence, target: Self.target, timeout: .milliseconds(20))
    // It is refused while an earlier probe with the same identity is remembered: then another one flies.
    if let id = try? engine.submit(request, as: Self.identity, at: now) {
      engine.stamped(id, .queued, at: KernelTimestamp(nanoseconds: 1_000_000_000_000 + now.nanoseconds))
    } else {
      let other = ProbeIdentity(
        localPort: 61_001, initialSequence: SequenceNumber(UInt32(truncatingIfNeeded: sequence)))
      _ = try? engine.submit(request, as: other, at: now)
    }
  }
}
