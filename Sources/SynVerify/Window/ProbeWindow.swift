package import SynCore
package import SynVerdict

/// The last probes of a series that goes on: without a gap, up to the first that has not ended.
package struct ProbeWindow: Sendable {
  /// How far it reaches back.
  package let length: Duration
  /// How many probes that have ended it holds at most.
  package let most: Int
  /// Whether the kernel carries the probes out (mode connect).
  private let isByKernel: Bool

  private struct Slot {
    let submitted: MonotonicInstant
    var sample: Sample
  }

  /// The number of the first slot.
  private var base = 0
  /// Nil for a probe that has not ended.
  private var slots: [Slot?] = []
  /// How many of the first ones have ended without a gap.
  private var ended = 0
  /// What was told of probes before they ended.
  private var marks: [Int: [SampleMark]] = [:]
  private var drops: [(at: MonotonicInstant, count: UInt64)] = []
  private var steps: [(at: MonotonicInstant, count: UInt64)] = []

  /// So many probes are held at most where it is not said.
  package static let usualMost = 6000
  /// Drops are told of so long after they were at most.
  private static let dropsToldWithin = Duration.seconds(1)
  /// What was told of probes that have not ended, at most.
  private static let mostMarks = 10_000

  /// Begins with nothing.
  package init(length: Duration, most: Int = usualMost, isByKernel: Bool = false) {
    self.length = length
    self.isByKernel = isByKernel
    self.most = most
  }

  /// Adds a probe that has ended.
  /// - Returns: What it tells.
  @discardableResult
  package mutating func add(_ result: ProbeResult) -> Sample {
    var sample = Sample(result, isOwnShortage: result.outcome.isOwnShortage)
    let sequence = result.request.sequence
    for mark in marks.removeValue(forKey: sequence) ?? [] { mark.set(on: &sample) }
    let index = sequence - base
    guard index >= 0 else { return sample }
    if index >= slots.count { slots += [Slot?](repeating: nil, count: index + 1 - slots.count) }
    slots[index] = Slot(submitted: result.submitted, sample: sample)
    while ended < slots.count, slots[ended] != nil { ended += 1 }
    // In steps: each costs as much as there are probes.
    if ended >= most + most / 8 { drop(ended - most) }
    // The window has the loss, and the drops beside it; alone it says nothing of the path.
    if sample.outcome == .lost, wasOutDuringDrops(result) { sample.isOwnShortage = true }
    return sample
  }

  /// Whether this host's buffers overflowed while an answer may have come.
  private func wasOutDuringDrops(_ result: ProbeResult) -> Bool {
    let until = result.submitted.advanced(by: result.request.timeout + ProbeWindow.dropsToldWithin)
    return drops.contains { $0.at >= result.submitted && $0.at <= until }
  }

  /// Adds what was seen beside the outcomes.
  package mutating func add(_ report: AnomalyReport, at now: MonotonicInstant) {
    switch report.kind {
    case .captureDrops: drops.append((now, report.count))
    case .clockSteps: steps.append((now, report.count))
    default:
      if let found = SampleMark(report.kind) { mark(report.sequence, found) }
    }
  }

  /// Leaves out what is older than its length.
  package mutating func advance(to now: MonotonicInstant) {
    drop(slots.prefix(ended).prefix { slot in slot.map { now.since($0.submitted) > length } ?? false }.count)
    drops.removeAll { now.since($0.at) > length }
    steps.removeAll { now.since($0.at) > length }
  }

  /// The probes of the last `length` that have ended before the first that has not.
  package func evidence(_ length: Duration, at now: MonotonicInstant) -> Evidence {
    let whole = slots.prefix(ended)
    let old = whole.prefix { slot in slot.map { now.since($0.submitted) > length } ?? false }.count
    let count = { (list: [(at: MonotonicInstant, count: UInt64)]) in
      list.reduce(UInt64(0)) { now.since($1.at) > length ? $0 : $0 &+ $1.count }
    }
    var evidence = Evidence(
      whole.dropFirst(old).suffix(ProbeWindow.usualMost).compactMap { $0?.sample }, captureDrops: count(drops),
      clockSteps: count(steps))
    evidence.isByKernel = isByKernel
    return evidence
  }

  /// The probes from this number on that have ended before the first that has not, and the number behind them: what is asked for
  /// piece by piece has each of them once, as long as they are held.
  package func samples(from sequence: Int) -> (samples: [Sample], next: Int) {
    let first = min(max(sequence - base, 0), ended)
    return (slots[first..<ended].compactMap { $0?.sample }, base + ended)
  }

  private mutating func drop(_ count: Int) {
    guard count > 0 else { return }
    slots.removeFirst(count)
    base += count
    ended -= count
    marks = marks.filter { $0.key >= base }
  }

  private mutating func mark(_ sequence: Int?, _ mark: SampleMark) {
    guard let sequence, sequence >= base else { return }
    let index = sequence - base
    if index < slots.count, var slot = slots[index] {
      mark.set(on: &slot.sample)
      slots[index] = slot
    } else if marks.count < ProbeWindow.mostMarks {
      marks[sequence, default: []].append(mark)
    }
  }
}
