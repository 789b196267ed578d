internal import SynCore
internal import SynVerdict

/// What a verification can be told without harm: a file may say anything.
extension ProbeEvent {
  /// Whether numbers, times and words in it are such as a prober tells of a series that began then.
  func isPlausible(since start: EvidenceStart) -> Bool {
    switch self {
    case .probe(let result): result.isPlausible(since: start)
    case .report(let report):
      report.count <= Plausible.most && (report.sequence ?? 0).isNumberOfProbe
        && [report.roundTrip, report.delay].allSatisfy { $0?.isPlausible != false }
        && start.isNear([report.copy?.received])
    case .witness(.repeated(let delay)): delay.isPlausible
    case .sibling(let answer): answer.roundTrip?.isPlausible != false
    case .train(let train):
      train.cars.count <= TrainPacer.mostOfRound && Plausible.bytes.contains(train.frameBytes)
        && train.cars.allSatisfy { car in
          Plausible.bytes.contains(car.answerBytes ?? 0)
            && start.isNear([car.queued, car.sent, car.received, car.delivered])
        }
    case .dropped(let growth): growth.allSatisfy { $0.value <= Plausible.most && $0.key.name.isPlain }
    case .packet: false
    case .started(let path?), .path(let path): path.interface.isPlain
    case .failed(let error): error.message.isPlain
    case .started(nil), .witness, .noTrains, .ended: true
    }
  }
}

extension ProbeResult {
  fileprivate func isPlausible(since start: EvidenceStart) -> Bool {
    let seen = observation
    return request.sequence.isNumberOfProbe && request.timeout.isPlausible && request.memory?.isPlausible != false
      && seen.handshake?.isPlausible != false && start.isNear(submitted)
      && start.isNear([seen.handed, seen.queued, seen.sent, seen.received, seen.delivered])
      && [drop?.name, drop?.function].allSatisfy { $0?.isPlain != false }
  }
}

extension VerifyPlan {
  /// Whether it is such as a `VerifyDraft` settles on.
  var isPlausible: Bool {
    (0.5...0.999999).contains(confidence) && (1...Plausible.probes).contains(mostProbes) && claims.count <= 64
      && siblings.count <= 64 && [longest, interval, timeout].allSatisfy(\.isPlausible)
      && claims.allSatisfy(\.isPlausible) && injected?.isPlausible != false
      && [target.input, control?.input].allSatisfy { $0?.isPlain != false }
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

extension EvidenceStart {
  /// Whether stamps, where they are there, lie within a hundred days of the start: differences of such do not overflow.
  fileprivate func isNear(_ stamps: [KernelTimestamp?]) -> Bool {
    stamps.allSatisfy { $0.map { ($0 - startedAt).isPlausible } ?? true }
  }

  /// The same of a moment of the monotonic clock.
  func isNear(_ moment: MonotonicInstant) -> Bool { moment.since(began).isPlausible }
}

extension String {
  /// Whether a terminal only shows it.
  fileprivate var isPlain: Bool { unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7f...0x9f).contains($0.value) } }
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
