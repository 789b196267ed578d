internal import SynCore
internal import SynVerdict

/// What a verification can be told without harm: a file may say anything.
extension ProbeEvent {
  /// Whether numbers and times in it are such as a prober tells.
  var isPlausible: Bool {
    switch self {
    case .probe(let result): result.isPlausible
    case .report(let report):
      report.count <= Plausible.most && (report.sequence ?? 0).isNumberOfProbe
        && [report.roundTrip, report.delay].allSatisfy { $0?.isPlausible != false }
    case .witness(.repeated(let delay)): delay.isPlausible
    case .sibling(let answer): answer.roundTrip?.isPlausible != false
    case .train(let train):
      train.cars.count <= TrainPacer.mostOfRound && Plausible.bytes.contains(train.frameBytes)
        && train.cars.allSatisfy { Plausible.bytes.contains($0.answerBytes ?? 0) }
    case .dropped(let growth): growth.values.allSatisfy { $0 <= Plausible.most }
    case .packet: false
    case .started, .path, .witness, .noTrains, .failed, .ended: true
    }
  }
}

extension ProbeResult {
  fileprivate var isPlausible: Bool {
    request.sequence.isNumberOfProbe && request.timeout.isPlausible && request.memory?.isPlausible != false
      && observation.handshake?.isPlausible != false
  }
}

extension VerifyPlan {
  /// Whether it is such as a `VerifyDraft` settles on.
  var isPlausible: Bool {
    (0.5...0.999999).contains(confidence) && (1...Plausible.probes).contains(mostProbes) && claims.count <= 64
      && siblings.count <= 64 && [longest, interval, timeout].allSatisfy(\.isPlausible)
      && claims.allSatisfy(\.isPlausible) && injected?.isPlausible != false
  }
}

extension Claim {
  fileprivate var isPlausible: Bool {
    guard (1...1e6).contains(dependence) else { return false }
    return switch content {
    case .rtt(let range), .rttP99(let range), .added(let range), .addedForward(let range), .addedBack(let range),
      .jitter(let range):
      range.ends.allSatisfy { Plausible.nanoseconds.contains($0) }
    case .loss(let range), .duplicate(let range), .corrupt(let range), .reorder(let range):
      range.ends.allSatisfy { (0...1).contains($0) }
    case .rate(let range): range.ends.allSatisfy { Plausible.rate.contains($0.bitsPerSecond) }
    case .partition, .refused, .clear, .place: true
    }
  }
}

extension ClaimedRange {
  fileprivate var ends: [Bound] { [lower, upper].compactMap { $0 } }
}

extension NetemSpec {
  fileprivate var isPlausible: Bool {
    [delay, jitter, slotWait].allSatisfy { Plausible.nanoseconds.contains($0) }
      && ([delayCorrelation, duplicate, corrupt, reorder] + lossNumbers).allSatisfy { (0...1).contains($0) }
      && Plausible.rate.contains((rate ?? 1) * 8) && (-1e6...1e6).contains(overhead)
      && (0...Plausible.probes).contains(gap) && (0...Int(UInt32.max)).contains(limit)
  }

  private var lossNumbers: [Double] {
    switch loss {
    case nil: []
    case .random(let share, let correlation): [share, correlation]
    case .state(let p13, let p31, let p32, let p23, let p14): [p13, p31, p32, p23, p14]
    case .gemodel(let p, let r, let lossInBad, let lossInGood): [p, r, lossInBad, lossInGood]
    }
  }
}

private enum Plausible {
  static let most: UInt64 = 1 << 53
  static let probes = 1_000_000
  static let bytes = 0...65_536
  static let nanoseconds: ClosedRange<Int64> = -(1 << 53)...1 << 53
  static let rate = 1e-3...1e15
}

extension Int {
  fileprivate var isNumberOfProbe: Bool { (0..<Plausible.probes).contains(self) }
}

extension Duration {
  /// Up to a hundred days, either way.
  fileprivate var isPlausible: Bool { Plausible.nanoseconds.contains(nanoseconds) }
}
