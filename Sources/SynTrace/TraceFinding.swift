public import SynWire

/// What a trace found.
public struct TraceFinding: Hashable, Sendable {
  /// Where it went.
  public let target: Endpoint
  /// Whether the target answered, on any path.
  public let reached: Bool
  /// The paths, in the order of the plan's ports.
  public let paths: [Path]

  /// The way of one source port.
  public struct Path: Hashable, Sendable {
    /// The source port.
    public let sourcePort: UInt16
    /// Whether the target answered.
    public let reached: Bool
    /// From the first to the target; without an answer of it, to the last that was asked.
    public let hops: [Hop]
  }

  /// Who answered for one hop limit.
  public struct Hop: Hashable, Sendable {
    /// The hop limit of the SYNs.
    public let limit: UInt8
    /// SYNs that were sent, but for those whose answer the target owed to an earlier one.
    public let attempted: Int
    /// Of these, those that were still waited for when the trace was ended.
    public let waitedFor: Int
    /// Who answered, in the order of their first answers; several where the probes went several ways.
    public let addresses: [Address]
    /// Whether hops behind it answered more often: it answers to so many a second at most, and loses nothing.
    public let isRateLimited: Bool

    /// SYNs that were answered.
    public var answered: Int { addresses.reduce(0) { $0 + $1.answered } }
  }

  /// One that answered.
  public struct Address: Hashable, Sendable {
    /// Its address.
    public let address: IPAddress
    /// SYNs that it answered.
    public let answered: Int
    /// From the SYN at the device to the answer there: of those whose times are known, the least first.
    public let roundTrips: [Duration]
    /// The median less that of the nearest hop before which answered; nil where one of them is not known.
    public let added: Duration?
    /// The labels with which the packet came to it, of its last answer.
    public let labels: [MPLSLabel]
    /// What it is.
    public let role: Role

    /// The quantile of `ratio` by the nearest rank; nil without a known time.
    public func roundTrip(_ ratio: Double) -> Duration? { roundTrips.quantile(ratio) }
  }

  /// What one is that answered.
  public enum Role: Hashable, Sendable {
    /// A router that gave the SYN up, since its hop limit was used up.
    case router
    /// One that refused it for another reason.
    case refuser(ICMPError)
    /// The target: its port is open.
    case open
    /// The target: its port is closed.
    case closed
  }
}

extension [Duration] {
  /// Of values in their order, that at the nearest rank.
  func quantile(_ ratio: Double) -> Duration? {
    isEmpty ? nil : self[Swift.min(Int((ratio * Double(count)).rounded(.up)), count) - 1]
  }
}
