public import SynCore
public import SynWire

/// What a run of the hping3 drop-in counts, and its summary.
///
/// Where hping3 is wrong this is right: an answer counts once, so that the loss is never negative, and an ICMP error is
/// no answer.
public struct HpingTally {
  /// Probes that ended, those too that were still waited for when the run was ended, as hping3 counts them.
  public private(set) var transmitted = 0
  /// Probes that the target answered.
  public private(set) var received = 0
  /// Further copies of answers.
  public private(set) var copies = 0
  /// The control bits of the last answer.
  public private(set) var lastFlags = TCPFlags()
  private var lost: [LossPlace: Int] = [:]
  private var late = 0
  private var blocked = 0
  private var cut = 0
  private var missing = WaitedShare()
  private var timed = 0
  private var total = Duration.zero
  private var least = Duration.zero
  private var most = Duration.zero

  /// Nothing yet.
  public init() {}

  /// Counts a probe that has ended.
  public mutating func add(_ result: ProbeResult) {
    transmitted += 1
    let kind = result.outcome.kind
    missing.add(result.request.sequence, kind == .cancelled ? nil : !(kind.isAnswer || kind == .unexpected))
    switch result.outcome {
    case .open, .closed, .unexpected:
      received += 1
      lastFlags = result.reply?.flags ?? lastFlags
      if let roundTrip = result.observation.roundTrip { add(roundTrip) }
    case .lost(let place):
      if case .silentNeighbour = result.cause { break }  // hping3 does not see it, and no fault of this host's made it.
      lost[place, default: 0] += 1
    case .blocked: blocked += 1
    case .cancelled: cut += 1
    case .filtered: break
    }
  }

  /// Counts a further copy of an answer.
  public mutating func addCopy() {
    copies += 1
  }

  /// Counts an answer that came after its probe's timeout: the probe stays lost.
  public mutating func addLate() {
    late += 1
  }

  private mutating func add(_ roundTrip: Duration) {
    least = timed == 0 ? roundTrip : min(least, roundTrip)
    most = max(most, roundTrip)
    total += roundTrip
    timed += 1
  }

  /// hping3's summary, and a line for each thing that it has no place for: copies, and what this host itself lost.
  public func summary(of host: String) -> [String] {
    let average = timed == 0 ? Duration.zero : total / timed
    let times = [least, average, most].map(HpingText.tenths).joined(separator: "/")
    return ["", "--- \(host) hping statistic ---"]
      + ["\(transmitted) packets transmitted, \(received) packets received, \(lossPercent)% packet loss"]
      + ["round-trip min/avg/max = \(times) ms"] + notes
  }

  /// Whole percents of the probes that were waited for, rounded to the nearest; but 0 only when all of them were
  /// answered, and 100 only when none was.
  public var lossPercent: Int {
    guard transmitted > 0 else { return 0 }
    guard let ratio = missing.ratio else { return received == 0 ? 100 : 0 }
    if missing.hits == missing.count { return received == 0 ? 100 : 99 }
    return missing.hits == 0 ? 0 : min(max(Int((ratio * 100).rounded()), 1), 99)
  }

  private var notes: [String] {
    let counts: [(Int, String)] = [
      (copies, "duplicate answers, which are not among those received"),
      (cut, "of them were still waited for when the run was ended, and count as neither lost nor received"),
      (late, "answers came too late to count as received"),
      (blocked, "of them this host refused to send"),
      (lost[.egress] ?? 0, "of them lost in this host's egress: never handed to the device"),
      (lost[.ingress] ?? 0, "of them lost in this host's ingress: the answer reached the device and was dropped"),
    ]
    return counts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
  }

  /// The exit status: 0 when anything was received and 1 when not; with `--tcpexitcode` the control bits of the last
  /// answer, 0 without one.
  public func exitStatus(isFlags: Bool) -> Int32 {
    if isFlags { return Int32(lastFlags.rawValue) }
    return received > 0 ? 0 : 1
  }
}
