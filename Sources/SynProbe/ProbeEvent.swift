public import SynCore
internal import SynIO
public import SynWire

/// What happens to a series, in this order: `started`, probes and reports as they come, `ended`.
public enum ProbeEvent: Sendable {
  /// The way that the first probe takes; nil without a route, when every probe will be `blocked`.
  case started(Path?)
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
  }

  init(_ event: SeriesEvent) {
    switch event {
    case .started(let route): self = .started(route.map { Path(interface: $0.interface, source: $0.source) })
    case .probe(let result): self = .probe(result)
    case .report(let report): self = .report(report)
    case .failed(let error): self = .failed(ProberError(error))
    case .ended: self = .ended
    }
  }
}
