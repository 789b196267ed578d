/// A fault in the words of whoever injected it.
public struct InjectedFault: Hashable, Sendable {
  /// What netem does; nil where all packets are dropped.
  public var netem: NetemSpec?
  /// Where it sits, where the source says so.
  public var path: FaultPath?

  /// What netem does.
  public init(netem: NetemSpec, path: FaultPath? = nil) {
    self.netem = netem
    self.path = path
  }

  /// All packets are dropped.
  public static func partition(path: FaultPath?) -> InjectedFault { InjectedFault(partitionOn: path) }

  private init(partitionOn path: FaultPath?) {
    self.path = path
  }

  /// What it must look like from here.
  /// - Parameters:
  ///   - path: Where it sits, where the user says so: that goes before what the source says.
  ///   - hasBaseline: Whether there is a baseline to tell an added delay from the path's own.
  ///   - interval: Nanoseconds between two probes.
  /// - Returns: Claims with room for chance.
  /// - Throws: `ClaimError` for a fault that cannot be seen from here, or sits nobody knows where.
  package func claims(path: FaultPath?, hasBaseline: Bool, interval: Int64) throws(ClaimError) -> [Claim] {
    guard let netem else { return [Claim(.partition)] }
    guard let path = path ?? self.path else {
      throw ClaimError("where does the fault sit? give the path: egress (here), peer (at the target) or both")
    }
    return try netem.claims(NetemSpec.Setting(path: path, hasBaseline: hasBaseline, interval: interval))
  }
}
