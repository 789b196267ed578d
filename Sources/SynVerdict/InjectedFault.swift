/// A fault in the words of whoever injected it.
public struct InjectedFault: Hashable, Sendable {
  /// What it does to packets.
  public enum Effect: Hashable, Sendable {
    /// What netem was told.
    case netem(NetemSpec)
    /// All are dropped.
    case partition
    /// All are refused, and their sender is told.
    case refusal
    /// No more passes than a shaper lets through.
    case shaper(Shaper)
  }

  /// What it does to packets.
  public var effect: Effect
  /// Where it sits, where the source says so.
  public var path: FaultPath?
  /// A shaper beside the effect, where there is one.
  public var shaper: Shaper?

  /// Joins the fields.
  public init(_ effect: Effect, path: FaultPath? = nil) {
    self.effect = effect
    self.path = path
  }

  /// What netem does.
  public init(netem: NetemSpec, path: FaultPath? = nil) { self.init(.netem(netem), path: path) }

  /// What netem was told; nil for a fault that is not netem's.
  public var netem: NetemSpec? { if case .netem(let netem) = effect { netem } else { nil } }

  /// What it must look like from here.
  /// - Parameters:
  ///   - path: Where it sits, where the user says so: that goes before what the source says.
  ///   - hasBaseline: Whether there is a baseline to tell an added delay from the path's own.
  ///   - interval: Nanoseconds between two probes.
  /// - Returns: Claims with room for chance.
  /// - Throws: `ClaimError` for a fault that cannot be seen from here, or sits nobody knows where.
  package func claims(path: FaultPath?, hasBaseline: Bool, interval: Int64) throws(ClaimError) -> [Claim] {
    let netem: NetemSpec
    switch effect {
    case .partition: return [Claim(.partition)]
    case .refusal: return [Claim(.refused)]
    case .shaper(let shaper):
      let path = try known(path)
      return try shaper.claims(path) + (path.segment.map { [Claim(.place(FaultPlace($0)))] } ?? [])
    case .netem(let specification): netem = specification
    }
    let path = try known(path)
    let claims = try netem.claims(NetemSpec.Setting(path: path, hasBaseline: hasBaseline, interval: interval))
    // Of a shaper that cannot be seen nothing is claimed: the rest can.
    guard let shaper, let more = try? shaper.claims(path), !claims.contains(where: \.isOfRate) else { return claims }
    return claims + more
  }

  private func known(_ path: FaultPath?) throws(ClaimError) -> FaultPath {
    guard let path = path ?? self.path else {
      throw ClaimError("where does the fault sit? give the path: egress (here), peer (at the target) or both")
    }
    return path
  }

  /// Whether it looks different by where it sits.
  package var needsPath: Bool {
    switch effect {
    case .netem, .shaper: true
    case .partition, .refusal: false
    }
  }
}
