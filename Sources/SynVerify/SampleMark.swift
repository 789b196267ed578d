internal import SynCore
internal import SynVerdict

/// What is told of a probe beside its outcome, often before it ends or after.
enum SampleMark {
  case copied, overtaken, damaged, late

  /// What an anomaly tells of its probe; nil for what is of no single one.
  init?(_ kind: Anomaly) {
    switch kind {
    case .duplicates: self = .copied
    case .reordered: self = .overtaken
    case .corrupt: self = .damaged
    case .late: self = .late
    case .captureDrops, .clockSteps, .retransmissions, .unmatched, .leftovers, .stalls: return nil
    }
  }

  /// Sets it on the probe.
  func set(on sample: inout Sample) {
    switch self {
    case .copied: sample.isCopied = true
    case .overtaken: sample.isOvertaken = true
    case .damaged: sample.isDamaged = true
    case .late: sample.isLate = true
    }
  }
}
