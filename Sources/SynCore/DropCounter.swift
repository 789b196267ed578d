/// A counter of this host of packets that something in it dropped, whoever's they were.
public struct DropCounter: Hashable, Sendable, Codable {
  /// Ways through this host on which a packet may be counted.
  public struct Sides: OptionSet, Hashable, Sendable, Codable {
    /// The bits.
    public let rawValue: UInt8

    /// Of its bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Packets that leave.
    public static let egress = Sides(rawValue: 1)
    /// Packets that arrive.
    public static let ingress = Sides(rawValue: 2)
  }

  /// What counts, as tc(8), nstat(8) and /proc write it: `qdisc tbf 8001: on eth0`, `IpExtInNoRoutes`.
  public let name: String
  /// Whose packets it counts.
  public let sides: Sides

  /// Joins the fields.
  public init(_ name: String, _ sides: Sides) {
    self.name = name
    self.sides = sides
  }
}

/// What the counters of this host stood at.
public struct DropCounts: Hashable, Sendable {
  /// By counter, packets since it began to count.
  public private(set) var values: [DropCounter: UInt64] = [:]

  /// No counter yet.
  public init() {}

  /// Adds what a counter stands at; what is known by the same name is added up.
  public mutating func add(_ counter: DropCounter, _ value: UInt64) {
    values[counter] = (values[counter] ?? 0) &+ value
  }

  /// Whether the queueing disciplines could be read: one that appears meanwhile began at 0.
  public var knowsDisciplines = false

  /// By how much each counter has grown since `before`; those that did not, began anew, or were not there, are left out.
  public func growth(since before: DropCounts) -> [DropCounter: UInt64] {
    var grown: [DropCounter: UInt64] = [:]
    for (counter, value) in values {
      let isNew = before.knowsDisciplines && counter.isDiscipline
      guard let former = before.values[counter] ?? (isNew ? 0 : nil), value > former else { continue }
      grown[counter] = value - former
    }
    return grown
  }
}

extension DropCounter {
  private static let disciplinePrefix = "qdisc "

  /// That of a queueing discipline, as tc(8) writes it: `tbf 8001: on eth0`.
  public init(discipline: String, _ sides: Sides) {
    self.init(DropCounter.disciplinePrefix + discipline, sides)
  }

  fileprivate var isDiscipline: Bool { name.hasPrefix(DropCounter.disciplinePrefix) }
}
