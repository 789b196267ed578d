internal import SynCore

extension ClaimJudge {
  /// How many probes confirm a claim where all goes as well as it can; nil where `mostProbes` do not, or where it depends
  /// on what is measured.
  ///
  /// A limit below that can refute the claim, and never confirm it.
  public func fewestProbes(confirming claim: Claim) -> Int? {
    guard let ideal = IdealEvidence.of(claim) else { return nil }
    if judge(claim, alone: ideal, nil).verdict == .confirmed {
      return fewest(claim, ideal, from: 1, to: ideal.samples.count)
    }
    return furtherProbes(deciding: claim, ideal).map { ideal.samples.count + $0 }
  }

  private func fewest(_ claim: Claim, _ ideal: Evidence, from least: Int, to most: Int) -> Int {
    var few = least
    var enough = most
    while few < enough {
      let middle = (few + enough) / 2
      let part = Evidence(Array(ideal.samples.prefix(middle)))
      if judge(claim, alone: part, nil).verdict == .confirmed { enough = middle } else { few = middle + 1 }
    }
    return enough
  }
}

/// Probes as a claim would like them best.
private enum IdealEvidence {
  private static let count = 1_000

  static func of(_ claim: Claim) -> Evidence? {
    switch claim.content {
    case .loss(let range): share(range) { $0 ? Sample(.lost) : Sample(.open) }
    case .duplicate(let range): share(range) { isHit in marked { $0.isCopied = isHit } }
    case .reorder(let range): share(range) { isHit in marked { $0.isOvertaken = isHit } }
    case .rtt(let range), .rttP99(let range): steady(range)
    case .partition: share(ClaimedRange(lower: 1)) { _ in Sample(.lost) }
    case .refused: share(ClaimedRange(lower: 1)) { _ in Sample(.closed) }
    case .jitter, .added, .addedForward, .addedBack, .corrupt, .rate, .clear, .place: nil
    }
  }

  /// The share in the middle of the range, or at the end that is easiest to show, spread evenly.
  private static func share(_ range: ClaimedRange<Double>, _ sample: (Bool) -> Sample) -> Evidence {
    let share =
      switch (range.lower, range.upper) {
      case (let lower?, let upper?) where lower > 0 && upper < 1: (lower + upper) / 2
      case (let lower?, _) where lower > 0: 1.0
      default: 0.0
      }
    return Evidence(
      (0..<count).map { index in
        sample(Int(Double(index + 1) * share) > Int(Double(index) * share))
      })
  }

  private static func steady(_ range: ClaimedRange<Int64>) -> Evidence {
    let lower = range.lower ?? 0
    let time = range.upper.map { lower + ($0 - lower) / 2 } ?? lower
    return Evidence((0..<count).map { _ in marked { $0.roundTrip = time } })
  }

  private static func marked(_ change: (inout Sample) -> Void) -> Sample {
    var sample = Sample(.open)
    change(&sample)
    return sample
  }
}
