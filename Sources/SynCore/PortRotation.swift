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

  /// The ports as one target has seen them.
  private struct Uses {
    /// The target begins with another port than the one before it: `start` among the `known` ports there were, none of
    /// them before it has begun.
    let start: Int
    let known: Int
    /// Ports that were taken at least once; those after them are fresh.
    var taken = 0
    var free = FirstInFirstOut<UInt16>()
    var afterAnswer = FirstInFirstOut<Rest>()
    var afterSilence = FirstInFirstOut<Rest>()
    var inFlight: Set<UInt16> = []

    init(start: Int, known: Int) {
      self.start = start
      self.known = known
    }

    var isIdle: Bool { inFlight.isEmpty && afterAnswer.isEmpty && afterSilence.isEmpty }
  }

  private struct Rest {
    let since: MonotonicInstant
    let until: MonotonicInstant
    let port: UInt16
  }

  private var ports: [UInt16] = []
  private var uses = KeyedSlab<Endpoint, Uses>(fresh: Uses(start: 0, known: 0))
  private var cursor = 0
  private var purgesAt: MonotonicInstant?

  /// No port yet.
  public init() {}

  /// How many ports there are to choose from.
  public var count: Int { ports.count }

  /// Adds a port that was reserved from the kernel.
  public mutating func add(_ port: UInt16) {
    ports.append(port)
  }

  /// Takes the next port that is free towards `target`; nil when none is, and another should be added.
  /// - Complexity: O(1), amortised.
  public mutating func take(for target: Endpoint, at now: MonotonicInstant) -> UInt16? {
    change(target) { uses, ports in
      PortRotation.endRests(&uses, at: now)
      guard uses.taken < ports.count else { return uses.free.popFirst() }
      let index = uses.taken < uses.known ? (uses.start + uses.taken) % uses.known : uses.taken
      uses.taken += 1
      return ports[index]
    }
  }

  /// Takes the port that has rested longest towards `target`, where no port can be added; nil when all are in flight.
  ///
  /// What it may meet at the target says so, though only twice a second (`tcp_invalid_ratelimit`): ports must come round as
  /// slowly as they can. Were those taken whose rest ends first, the lost ones would keep theirs, and the answered rest of
  /// them come round ever faster.
  public mutating func takeResting(for target: Endpoint, at now: MonotonicInstant) -> UInt16? {
    change(target) { uses, _ in
      guard let silent = uses.afterSilence.first else { return uses.afterAnswer.popFirst()?.port }
      guard let answered = uses.afterAnswer.first, answered.since < silent.since else {
        return uses.afterSilence.popFirst()?.port
      }
      return uses.afterAnswer.popFirst()?.port
    }
  }

  /// Gives `port` back, to rest as long as the target may still hold a half-open connection to it.
  public mutating func release(_ port: UInt16, for target: Endpoint, _ release: Release, at now: MonotonicInstant) {
    let rest = Rest(since: now, until: now.advanced(by: release.rest), port: port)
    var isUnknown = false
    uses.update(target) { uses in
      guard uses.inFlight.remove(port) != nil else { return }
      switch release {
      case .clean: uses.free.append(port)
      case .answered: uses.afterAnswer.append(rest)
      case .unanswered: uses.afterSilence.append(rest)
      }
      // A target towards which no port rests is as good as unknown: there may be a hundred thousand of them.
      isUnknown = release == .clean && uses.isIdle
    }
    if isUnknown { uses.remove(target) }
    purge(at: now)
  }

  /// Takes a port out of the uses of `target`, which are changed in place.
  private mutating func change(_ target: Endpoint, _ body: (inout Uses, [UInt16]) -> UInt16?) -> UInt16? {
    guard !ports.isEmpty else { return nil }
    var port: UInt16?
    let (first, ports) = (cursor % ports.count, ports)
    uses.provide(target) { uses in
      if uses.known == 0 { uses = Uses(start: first, known: ports.count) }
      port = body(&uses, ports)
      if let port { uses.inFlight.insert(port) }
    }
    if port != nil { cursor = (cursor + 1) % ports.count }
    return port
  }

  private static func endRests(_ uses: inout Uses, at now: MonotonicInstant) {
    while let rest = uses.afterAnswer.first, rest.until <= now, let ended = uses.afterAnswer.popFirst() {
      uses.free.append(ended.port)
    }
    while let rest = uses.afterSilence.first, rest.until <= now, let ended = uses.afterSilence.popFirst() {
      uses.free.append(ended.port)
    }
  }

  /// Forgets the targets towards which every port has rested, every few seconds: targets come and go.
  private mutating func purge(at now: MonotonicInstant) {
    if let purgesAt, now < purgesAt { return }
    purgesAt = now.advanced(by: .seconds(10))
    for target in uses.keys {
      var isIdle = false
      uses.update(target) { uses in
        PortRotation.endRests(&uses, at: now)
        isIdle = uses.isIdle
      }
      if isIdle { uses.remove(target) }
    }
  }
}
