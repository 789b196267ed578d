internal import SynCore
package import SynProbe
internal import SynVerdict

extension VerifyReport {
  /// How wide each part of the path is, bits a second, counted with Ethernet's header as tc(8) does.
  public struct Rates: Sendable {
    /// This host's queueing disciplines; absent, as each, where its stamps do not tell.
    public var egress: Rate?
    /// The way to the target.
    public var forward: Rate?
    /// The way back.
    public var back: Rate?
    /// This host's traffic control on the way in.
    public var ingress: Rate?
    /// Trains that were sent.
    public var trains: Int
    /// SYNs in them: they are none of the measurement's probes.
    public var probes: Int
    /// Why nothing is known of any part.
    public var absentBecause: String?

    /// A width, bits a second.
    public struct Rate: Sendable {
      /// The best single value; absent where nothing narrow was seen.
      public var estimate: Double?
      /// It is no narrower; absent where that is not known.
      public var least: Double?
      /// It is no wider; absent where that is not known.
      public var most: Double?
    }
  }
}

extension Verification {
  /// How wide each part of the path is; nil where no claim asks.
  var rates: VerifyReport.Rates? {
    guard plan.trains != nil else { return nil }
    let evidence = seen.evidence
    let known = evidence.rates
    let width = { (place: FaultPlace) in self.judge.width(of: place, known).map(VerifyReport.Rates.Rate.init) }
    let absence = evidence.noTrains?.rawValue ?? (known.rounds.isEmpty ? "no train has told" : nil)
    return VerifyReport.Rates(
      egress: width(.egress), forward: width(.forward), back: width(.back), ingress: width(.ingress),
      trains: known.trains, probes: known.probes, absentBecause: absence)
  }
}

extension VerifyReport.Rates.Rate {
  fileprivate init(_ width: PathRates.Width) {
    estimate = width.estimate?.bitsPerSecond
    least = width.interval.lower?.bitsPerSecond
    most = width.interval.upper?.bitsPerSecond
  }
}

extension VerifyReport.Rates: ReportObject {
  package static let members: [ReportMember<Self>] = [
    .init("egress", \.egress), .init("forward", \.forward), .init("back", \.back), .init("ingress", \.ingress),
    .init("trains", \.trains), .init("probes", \.probes), .init("absent_because", \.absentBecause),
  ]
  package static var blank: Self { Self(trains: 0, probes: 0) }
  package static var schemaName: String? { "Rates" }
}

extension VerifyReport.Rates.Rate: ReportObject {
  package static let members: [ReportMember<Self>] = [
    .init("estimate", \.estimate, .number), .init("least", \.least, .number), .init("most", \.most, .number),
  ]
  package static var blank: Self { Self() }
  package static var schemaName: String? { "Rate" }
}
