internal import SynCore

/// A line of netem that explains what was seen.
public struct NetemLine: Hashable, Sendable {
  /// A number that netem was told.
  public struct Parameter: Hashable, Sendable {
    /// Which one.
    public enum Name: String, CaseIterable, Sendable {
      /// What each packet waits, nanoseconds.
      case delay
      /// How far a delay strays from the mean to either side, nanoseconds.
      case jitter
      /// The share of packets that leave at once while others wait.
      case reorder
      /// The share that is lost, each by itself.
      case loss
      /// Of a loss by gemodel: from the good state to the bad one.
      case lossP = "loss_p"
      /// Of a loss by gemodel: from the bad state to the good one.
      case lossR = "loss_r"
      /// The share that leaves twice.
      case duplicate
      /// The share in which a bit is flipped.
      case corrupt
      /// Bits per second.
      case rate
    }

    /// Which one.
    public let name: Name
    /// The best single value.
    public let estimate: Finding.Quantity
    /// Where the true one lies, at 98 %.
    public let interval: Finding.Interval
  }

  /// What it does.
  public let spec: NetemSpec
  /// Where it sits, the whole network where the way is not known; nil where nothing tells.
  public let side: FaultPlace?
  /// Its numbers, in the order of the line.
  public let parameters: [Parameter]
  /// How far the distribution of its delays is from that of what was added, 0 to 1; 0 where it adds none.
  public let misfit: Double

  /// The words for tc.
  public var text: String { spec.text }
}
