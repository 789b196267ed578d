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
  /// Whether these are as many as were lost.
  public let agrees: Bool

  /// The word for it, as JSON has it.
  public var word: Word { agrees ? .agree : .differ }

  /// What the numbers are to each other.
  public enum Word: String, CaseIterable, Sendable {
    case agree = "counts agree"
    case differ = "counts differ"
  }

  /// Compares what was lost with what was counted, those that agree first.
  /// - Parameters:
  ///   - statistics: What became of the probes.
  ///   - growth: By how much the counters have grown meanwhile.
  ///   - isWithinHost: Whether the target is this host itself, in which all its packets stay.
  /// - Returns: Every counter that grew and counts packets of a place where probes were lost.
  public static func find(
    _ statistics: SeriesStatistics, growth: [DropCounter: UInt64], isWithinHost: Bool
  ) -> [DropEvidence] {
    let losses = LossPlace.allCases.compactMap { Loss($0, statistics, isWithinHost) }
    let found = losses.flatMap { loss in
      growth.filter { !$0.key.sides.isDisjoint(with: loss.sides) }.map { counter, count in
        DropEvidence(
          place: loss.place, what: counter.name, count: count, agrees: loss.counts.contains(count))
      }
    }
    return found.sorted {
      ($0.agrees ? 0 : 1, $0.place.rawValue, $0.what) < ($1.agrees ? 0 : 1, $1.place.rawValue, $1.what)
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
