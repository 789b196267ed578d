public import SynWire

/// Chooses source ports: each next probe to a target takes the next port that is free towards that target.
///
/// A SYN to a half-open connection is met with a challenge ACK, so a port rests while the target may hold one.
public struct PortRotation: Sendable {
  /// How a use of a port ended.
  public enum Release: Sendable {
    /// The target holds nothing: the SYN never left, or was refused.
    case clean
    /// The target answered, and this host's RST is on its way. Should that be lost, the target's repeated SYN-ACK
    /// brings about another, after 1 s and after 3 s.
    case answered
    /// Nothing is known: Linux gives up a half-open connection after about a minute.
    case unanswered

    /// How long the port rests towards that target.
    public var rest: Duration {
      switch self {
      case .clean: .zero
      case .answered: .seconds(4)
      case .unanswered: .seconds(60)
      }
    }
  }

  private var ports: [UInt16] = []
  private var busy: [Endpoint: [UInt16: Use]] = [:]
  private var cursor = 0
  private var purgesAt: MonotonicInstant?

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

  /// Gives `port` back, to rest as long as the target may still hold a half-open connection to it.
  public mutating func release(_ port: UInt16, for target: Endpoint, _ release: Release, at now: MonotonicInstant) {
    if release.rest > .zero {
      busy[target]?[port] = .resting(until: now.advanced(by: release.rest))
    } else {
      busy[target]?[port] = nil
    }
    purge(at: now)
  }

  /// Forgets the ports that have rested, every few seconds: targets come and go.
  private mutating func purge(at now: MonotonicInstant) {
    if let purgesAt, now < purgesAt { return }
    purgesAt = now.advanced(by: .seconds(10))
    busy = busy.compactMapValues { uses in
      let kept = uses.filter { !isFree($0.value, at: now) }
      return kept.isEmpty ? nil : kept
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
