internal import SynCore
internal import SynVerdict

/// One claim of a live picture: its range, and where the value may lie, on one axis.
struct LiveClaim {
  private let finding: Finding

  init(_ finding: Finding) {
    self.finding = finding
  }

  private static let nameWidth = 26
  private static let widestBar = 40

  /// A line of so many columns at most.
  func line(columns: Int) -> StyledText {
    let name = "\(finding.claim.name) \(finding.claim.expected)"
    var line = StyledText(name + String(repeating: " ", count: max(LiveClaim.nameWidth - name.count, 0)) + "  ")
    let color: StyledText.Color =
      switch finding.verdict {
      case .confirmed: .green
      case .mismatch: .red
      case .inconclusive: .yellow
      }
    let words = "  \(finding.verdict.rawValue)  \(finding.interval?.words ?? "")"
    if let axis = ClaimAxis(finding) {
      axis.draw(
        into: &line, width: min(max(columns - line.width - words.count, 0), LiveClaim.widestBar), color: color)
    }
    line.add(words, color)
    return line
  }
}

/// The axis of a claim: from its range, and as much again to both sides.
private struct ClaimAxis {
  private let range: (lower: Double?, upper: Double?)
  private let interval: (lower: Double?, upper: Double?)
  private let least: Double
  private let most: Double

  /// Nil for a claim without a range, or while nothing is known.
  init?(_ finding: Finding) {
    guard let range = ClaimAxis.range(of: finding.claim), let interval = finding.interval else { return nil }
    self.range = range
    switch interval {
    case .time(let lower, let upper): self.interval = (lower.map(Double.init), upper.map(Double.init))
    case .share(let lower, let upper): self.interval = (lower, upper)
    case .rate: return nil
    }
    guard let nearest = range.lower ?? range.upper, let farthest = range.upper ?? range.lower else { return nil }
    let size = max(farthest - nearest, abs(farthest) / 2, 1e-9)
    least = nearest - size
    most = farthest + size
  }

  private static func range(of claim: Claim) -> (lower: Double?, upper: Double?)? {
    switch claim.content {
    case .rtt(let range), .rttP99(let range), .added(let range), .addedForward(let range), .addedBack(let range),
      .jitter(let range):
      (range.lower.map(Double.init), range.upper.map(Double.init))
    case .loss(let range), .duplicate(let range), .corrupt(let range), .reorder(let range): (range.lower, range.upper)
    case .rate, .partition, .refused, .clear, .place: nil
    }
  }

  /// The range as `┃`, the interval as `━` between them or beyond.
  func draw(into line: inout StyledText, width: Int, color: StyledText.Color) {
    guard width >= 8 else { return }
    let ends = [range.lower, range.upper].compactMap { $0 }.map { place(of: $0, width) }
    let first = interval.lower.map { place(of: $0, width) } ?? 0
    let last = interval.upper.map { place(of: $0, width) } ?? width - 1
    for column in 0..<width {
      if ends.contains(column) {
        line.add("┃")
      } else if (first...max(first, last)).contains(column) {
        line.add("━", color)
      } else {
        line.add("·")
      }
    }
  }

  private func place(of value: Double, _ width: Int) -> Int {
    let share = (value - least) / (most - least)
    return Int((min(max(share, 0), 1) * Double(width - 1)).rounded())
  }
}
