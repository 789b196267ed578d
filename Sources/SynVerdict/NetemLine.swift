internal import SynCore

/// A line of netem that explains what was seen.
public struct NetemLine: Hashable, Sendable {
  /// A number that netem was told.
  public struct Parameter: Hashable, Sendable {
    /// Which one.
    public enum Name: String, CaseIterable, Sendable {
      case delay, jitter, reorder, loss
      /// Of a loss by gemodel: from the good state to the bad one.
      case lossP = "loss_p"
      /// Of a loss by gemodel: from the bad state to the good one.
      case lossR = "loss_r"
      case duplicate, corrupt, rate
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
