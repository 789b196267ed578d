public import SynWire

/// Chooses source ports: each next probe to a target takes the next port that is free towards that target.
///
/// A port is free again at once after an answer, for the kernel's RST has removed the half-open connection. After a
/// loss the target may hold a half-open one for a minute, and a SYN to that would be met with a challenge ACK.
public struct PortRotation: Sendable {
  /// How long a port rests after a probe without an answer: Linux gives up a half-open connection after about 60 s.
  public static let quarantine = Duration.seconds(60)

  private var ports: [UInt16] = []
  private var busy: [Endpoint: [UInt16: Use]] = [:]
  private var cursor = 0

  private enum Use {
    case inFlight(since: MonotonicInstant)
    case resting(until: MonotonicInstant)
  }

  /// No port yet.
  public init() {}

  /// How many ports there are to choose from.
  public var count: Int { ports.count }

  /// Adds a port that was reserved from the kernel.
  public mutating func add(_ port: UInt16) {
    ports.append(port)
  }

  /// Takes the next port that is free towards `target`; nil when none is, and another should be added.
  /// - Complexity: O(ports) when all are in use, else O(1) on average.
  public mutating func take(for target: Endpoint, at now: MonotonicInstant) -> UInt16? {
    let uses = busy[target] ?? [:]
    for step in 0..<ports.count {
      let index = (cursor + step) % ports.count
      if isFree(uses[ports[index]], at: now) { return claim(index, for: target, at: now) }
    }
    return nil
  }

  /// Takes the port that has been in use towards `target` for longest, where no port can be added; nil without ports.
  public mutating func takeOldest(for target: Endpoint, at now: MonotonicInstant) -> UInt16? {
    let uses = busy[target] ?? [:]
    let oldest = ports.indices.min { age(uses[ports[$0]]) < age(uses[ports[$1]]) }
    return oldest.map { claim($0, for: target, at: now) }
  }

  /// Gives `port` back: to rest when the probe had no answer.
  public mutating func release(_ port: UInt16, for target: Endpoint, answered: Bool, at now: MonotonicInstant) {
    if answered {
      busy[target]?[port] = nil
      if busy[target]?.isEmpty == true { busy[target] = nil }
    } else {
      busy[target]?[port] = .resting(until: now.advanced(by: Self.quarantine))
    }
  }

  private mutating func claim(_ index: Int, for target: Endpoint, at now: MonotonicInstant) -> UInt16 {
    cursor = (index + 1) % ports.count
    busy[target, default: [:]][ports[index]] = .inFlight(since: now)
    return ports[index]
  }

  private func isFree(_ use: Use?, at now: MonotonicInstant) -> Bool {
    switch use {
    case nil: true
    case .inFlight: false
    case .resting(let until): until <= now
    }
  }

  /// Resting ports come before those in flight, and among each the one that was used first.
  private func age(_ use: Use?) -> (Int, Int64) {
    switch use {
    case nil: (0, 0)
    case .resting(let until): (1, until.nanoseconds)
    case .inFlight(let since): (2, since.nanoseconds)
    }
  }
}
