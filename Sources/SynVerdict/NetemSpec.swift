/// What a netem queueing discipline does, in the words of tc-netem(8).
public struct NetemSpec: Hashable, Sendable, Codable {
  /// How packets are chosen to be lost.
  public enum Loss: Hashable, Sendable, Codable {
    /// Each with the same probability, correlated with the one before.
    case random(Double, correlation: Double)
    /// The four-state chain: probabilities of its transitions.
    case state(p13: Double, p31: Double, p32: Double, p23: Double, p14: Double)
    /// Gilbert and Elliott's chain: into the bad state, out of it, and the loss in either.
    case gemodel(p: Double, r: Double, lossInBad: Double, lossInGood: Double)
  }

  /// The shape of the jitter.
  public enum Distribution: String, CaseIterable, Hashable, Sendable, Codable {
    /// Evenly between delay − jitter and delay + jitter: what netem does when none is named.
    case uniform
    /// Gauss's, with the jitter as its standard deviation.
    case normal
    /// Skewed, with a long tail.
    case pareto
    /// A mixture of the two.
    case paretonormal
  }

  /// Nanoseconds added to each packet.
  public var delay: Int64 = 0
  /// Nanoseconds by which that varies.
  public var jitter: Int64 = 0
  /// Of each delay with the one before it, 0 to 1.
  public var delayCorrelation = 0.0
  /// The shape of the jitter.
  public var distribution = Distribution.uniform
  /// Which packets are lost; nil for none.
  public var loss: Loss?
  /// Share of packets that are sent twice.
  public var duplicate = 0.0
  /// Share of packets of which one bit is flipped.
  public var corrupt = 0.0
  /// Share of packets that are sent at once, ahead of those that are delayed.
  public var reorder = 0.0
  /// At most every so many packets is sent at once; 1 for no such rule.
  public var gap = 1
  /// Bytes a second; nil for no bound.
  public var rate: Double?
  /// Bytes that are added to each packet before its time on the wire is worked out.
  public var overhead = 0.0
  /// Nanoseconds that a packet may wait at most for the next slot; 0 without slots.
  public var slotWait: Int64 = 0
  /// What the line says beside the fault, and what of it is not used, in sentences.
  public var notes: [String] = []
  /// Packets that may wait; netem drops what is more.
  public var limit = 1000

  /// No fault.
  public init() {}

  /// The share of packets that the loss takes in the long run, 0 to 1.
  public var lossShare: Double {
    switch loss {
    case nil: return 0
    case .random(let share, let correlation): return CorrelatedShare.below(share, correlation: correlation)
    case .gemodel(let p, let r, let lossInBad, let lossInGood):
      guard p + r > 0 else { return lossInGood }
      return (p * lossInBad + r * lossInGood) / (p + r)
    case .state(let p13, let p31, let p32, let p23, let p14):
      // How long the chain is in each state, by the balance of what enters and leaves it, against the first state.
      guard p31 > 0 else { return p13 > 0 ? 1 : p14 / (1 + p14) }
      let lostInBurst = p13 / p31
      let sentInBurst = p23 > 0 ? lostInBurst * p32 / p23 : 0
      return (lostInBurst + p14) / (1 + lostInBurst + sentInBurst + p14)
    }
  }

  /// How many packets in a row say as much about the loss as one independent packet.
  public var lossDependence: Double {
    let correlation: Double
    switch loss {
    case nil: return 1
    case .random(_, let stated): correlation = stated
    case .gemodel(let p, let r, let lossInBad, let lossInGood):
      // The chain's own correlation, as far as its states differ in what they lose.
      correlation = max(1 - p - r, 0) * abs(lossInBad - lossInGood)
    case .state(let p13, let p31, _, _, _): correlation = max(1 - p13 - p31, 0)
    }
    return SerialDependence.effect(of: correlation)
  }
}
