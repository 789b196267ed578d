public import SynWire

/// What happens to a series, in this order: `started`, probes and reports as they come, `ended`.
public enum ProbeEvent: Sendable, Codable {
  /// The way that the first probe takes; nil without a route, when every probe will be `blocked`.
  case started(Path?)
  /// A probe goes another way than those before it: routes may depend on the source port, or change.
  case path(Path)
  /// A probe ended.
  case probe(ProbeResult)
  /// Something was seen beside the outcomes.
  case report(AnomalyReport)
  /// Something was seen of a witness, which tells whether the target repeats its answers.
  case witness(ProbeWitness)
  /// Another port of the target's address was asked, since its own had fallen silent.
  case sibling(SiblingAnswer)
  /// A train of SYNs that were sent to find out how wide the path is; they are no probes of the series.
  case train(ProbeTrain)
  /// No train can be sent.
  case noTrains(TrainAbsence)
  /// Packets that this host's own counters counted as dropped while the probes were under way, whoever's they were; told
  /// where a probe may be one of them.
  case dropped([DropCounter: UInt64])
  /// A packet of a probe was seen, before the probe ends or after: only where packets are kept
  /// (`ProberConfiguration.keepsPackets`).
  case packet(SeenPacket)
  /// Nothing can be sent, and why.
  case failed(ProberError)
  /// No further event will come.
  case ended

  /// The way to a target.
  public struct Path: Sendable, Hashable, Codable {
    /// Name of the device that the probes leave by.
    public let interface: String
    /// Source address of the probes.
    public let source: IPAddress
    /// Whether a connection would go another way, by ports, which the probes cannot be made to go.
    public let isForeign: Bool
    /// Whether it ends in this host itself.
    public let isWithinHost: Bool

    /// Joins the fields.
    package init(interface: String, source: IPAddress, isForeign: Bool, isWithinHost: Bool = false) {
      self.interface = interface
      self.source = source
      self.isForeign = isForeign
      self.isWithinHost = isWithinHost
    }
  }
}
