public import SynCore
internal import SynIO
public import SynWire

/// What happens to a series, in this order: `started`, probes and reports as they come, `ended`.
public enum ProbeEvent: Sendable {
  /// The way that the first probe takes; nil without a route, when every probe will be `blocked`.
  case started(Path?)
  /// A probe goes another way than those before it: routes may depend on the source port, or change.
  case path(Path)
  /// A probe ended.
  case probe(ProbeResult)
  /// Something was seen beside the outcomes.
  case report(AnomalyReport)
  /// Nothing can be sent, and why.
  case failed(ProberError)
  /// No further event will come.
  case ended

  /// The way to a target.
  public struct Path: Sendable, Hashable {
    /// Name of the device that the probes leave by.
    public let interface: String
    /// Source address of the probes.
    public let source: IPAddress
    /// Whether a connection would go another way, by ports, which the probes cannot be made to go.
    public let isForeign: Bool

    init(_ route: Route) {
      interface = route.interface
      source = route.source
      isForeign = route.steering == .impossible
    }
  }

  init(_ event: SeriesEvent) {
    switch event {
    case .started(let route): self = .started(route.map(Path.init))
    case .path(let route): self = .path(Path(route))
    case .probe(let result): self = .probe(result)
    case .report(let report): self = .report(report)
    case .failed(let error): self = .failed(ProberError(error))
    case .ended: self = .ended
    }
  }
}
