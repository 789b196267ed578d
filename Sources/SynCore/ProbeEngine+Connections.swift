public import SynWire

/// How the kernel's own attempt to connect ended.
public struct ConnectionAttempt: Hashable, Sendable {
  /// What the attempt came to.
  public enum End: Hashable, Sendable {
    /// The handshake was completed, after this round trip as the kernel measured it (TCP_INFO, `tcpi_rtt`); nil where
    /// it has none.
    case established(after: Duration?)
    /// A RST answered.
    case refused
    /// An ICMP error answered.
    case unreachable(ICMPError)
  }

  /// What it came to.
  public var end: End
  /// How often the kernel repeated the SYN (`tcpi_total_retrans`).
  public var retransmissions: UInt32
  /// The source port that the kernel chose.
  public var localPort: UInt16

  /// Joins the fields.
  public init(_ end: End, retransmissions: UInt32, localPort: UInt16) {
    self.end = end
    self.retransmissions = retransmissions
    self.localPort = localPort
  }
}

extension ProbeEngine {
  /// Takes a probe that the kernel carries out with connect(2), asks for it, and starts its timeout.
  @discardableResult
  public mutating func submit(_ request: ProbeRequest, at now: MonotonicInstant) -> ProbeID {
    self.now = max(self.now, now)
    let id = takeID()
    accept(id, request, as: nil, at: now)
    emit(
      .connect(
        ConnectSpecification(
          id: id, series: request.series, target: request.target, hopLimit: request.hopLimit)))
    return id
  }

  /// The kernel's attempt for `id` has ended.
  public mutating func attempted(_ id: ProbeID, _ attempt: ConnectionAttempt) {
    table.noteRare(id) { $0.attempt = $0.attempt ?? attempt }
    touch(id)
  }

  /// A SYN that the kernel had to repeat was lost, or its answer was: that second is no latency.
  mutating func judge(_ attempt: ConnectionAttempt, of id: ProbeID) {
    guard let request = request(of: id) else { return }
    if case .unreachable(let error) = attempt.end {
      guard isOfSilentNeighbour(error, request) else { return finish(id, .filtered(error)) }
      neighbourIsSilent(id)
      return finish(id, .lost(.egress))
    }
    guard attempt.retransmissions == 0 else {
      report(AnomalyReport(.late, series: request.series, sequence: request.sequence))
      return finish(id, .lost(.unknown))
    }
    guard case .established(let roundTrip) = attempt.end else { return finish(id, .closed) }
    if let roundTrip, roundTrip > request.timeout {
      report(AnomalyReport(.late, series: request.series, sequence: request.sequence, roundTrip: roundTrip))
      return finish(id, .lost(.unknown))
    }
    table.noteRare(id) { $0.handshake = roundTrip }
    finish(id, .open)
  }
}
