public import SynCore

/// What in this host may have dropped probes, as far as its own counters tell.
///
/// They count everybody's packets: that one has grown by just as many as were lost is evidence; that it has grown by
/// another number proves nothing.
public struct DropEvidence: Hashable, Sendable {
  /// Where the probes were lost.
  public let place: LossPlace
  /// The counter's name.
  public let what: String
  /// Packets that it has counted while the probes were under way.
  public let count: UInt64
  /// Probes that were lost there; what this host refused, and what the target repeated, may have been counted beside them.
  public let lost: Int
  /// What that is worth.
  public let word: Word

  /// What it is worth, as JSON has it, the best first.
  public enum Word: String, CaseIterable, Sendable {
    /// The kernel said so of each probe.
    case traced = "traced"
    /// As many as were lost.
    case agree = "counts agree"
    /// Another number, which proves nothing.
    case differ = "counts differ"

    var rank: Int { Word.allCases.firstIndex(of: self) ?? 0 }
  }

  /// Compares what was lost with what was counted, the best evidence first.
  /// - Parameters:
  ///   - statistics: What became of the probes.
  ///   - growth: By how much the counters have grown meanwhile.
  ///   - isWithinHost: Whether the target is this host itself, in which all its packets stay.
  /// - Returns: Every counter that grew and counts packets of a place where probes were lost.
  public static func find(
    _ statistics: SeriesStatistics, growth: [DropCounter: UInt64], isWithinHost: Bool
  ) -> [DropEvidence] {
    let traced = statistics.drops.filter { $0.key.place != .unknown }.map { drop, count in
      DropEvidence(
        place: drop.place, what: drop.reason.meaning, count: UInt64(count), lost: statistics.losses[drop.place] ?? 0,
        word: .traced)
    }
    let losses = LossPlace.allCases.compactMap { Loss($0, statistics, isWithinHost) }
    let found = losses.flatMap { loss in
      growth.filter { !$0.key.sides.isDisjoint(with: loss.sides) }.map { counter, count in
        DropEvidence(
          place: loss.place, what: counter.name, count: count,
          lost: statistics.losses[loss.place] ?? 0, word: loss.counts.contains(count) ? .agree : .differ)
      }
    }
    return (traced + found).sorted {
      ($0.word.rank, $0.place.rawValue, $0.what) < ($1.word.rank, $1.place.rawValue, $1.what)
    }
  }

  /// What was lost in one place, as counters may have it.
  private struct Loss {
    let place: LossPlace
    let sides: DropCounter.Sides
    let counts: Set<UInt64>

    init?(_ place: LossPlace, _ statistics: SeriesStatistics, _ isWithinHost: Bool) {
      let lost = UInt64(statistics.losses[place] ?? 0)
      let refused = UInt64(statistics.refusedForRoom)
      self.place = place
      switch place {
      case .egress:
        sides = .egress
        // A SYN that a queue refuses is told of, or not, as the queue likes.
        counts = Set([lost, refused, lost + refused].filter { $0 > 0 })
      case .ingress:
        sides = .ingress
        // What the target repeats meets the same end.
        counts = Set([lost, lost + (statistics.anomalies[.retransmissions] ?? 0)].filter { lost > 0 && $0 > 0 })
      case .network where isWithinHost:
        sides = .ingress
        counts = Set([lost].filter { $0 > 0 })
      case .network, .unknown: return nil
      }
      guard !counts.isEmpty else { return nil }
    }
  }
}
