internal import Glibc
public import SynCore
internal import SynSystem
public import SynVerdict
package import SynWire

extension Measurement {
  /// The JSON form of the measurement.
  /// - Parameters:
  ///   - ended: When it ended, on the monotonic clock.
  ///   - includesProbes: Whether the probes are listed.
  /// - Returns: The report that is printed as `synprobe.ping/1`.
  public func report(ended: MonotonicInstant, includesProbes: Bool) -> PingReport {
    let direction = direction(at: ended)
    let drops = dropEvidence
    return PingReport(
      target: PingReport.Target(input: input, target),
      mode: mode.rawValue,
      interface: path?.interface, source: path.map { "\($0.source)" },
      paths: paths.count > 1 ? paths.map { PingReport.Path(interface: $0.interface, source: "\($0.source)") } : nil,
      startedAt: startedAt.rfc3339,
      durationMs: ended.since(began).milliseconds, attempted: statistics.attempted,
      requested: requested.flatMap { $0 > statistics.attempted ? $0 : nil },
      outcomes: PingReport.Outcomes(statistics), loss: PingReport.Loss(statistics, direction),
      listener: listener.map(PingReport.Listener.init),
      droppedBy: drops.isEmpty ? nil : drops.map(PingReport.DroppedBy.init),
      rttMs: PingReport.Summary(statistics.roundTrip), segmentsMs: PingReport.Segments(statistics),
      anomalies: PingReport.Anomalies(statistics), timestamps: PingReport.Timestamps(statistics.seenStamps),
      clocks: includesProbes ? PingReport.Clocks(clock, boot) : nil,
      probes: includesProbes
        ? probes.map { object($0, late: lateRoundTrips[$0.request.sequence], direction) } : nil)
  }

  /// The JSON form of one probe, as a line of its own.
  public func line(_ result: ProbeResult) -> PingReport.Probe {
    var probe = object(result, late: nil, nil)
    probe.schema = "synprobe.probe/1"
    probe.target = input
    return probe
  }

  private func object(
    _ result: ProbeResult, late: Duration?, _ direction: DirectionReading?
  ) -> PingReport.Probe {
    var probe = PingReport.Probe(result, interface: path?.interface, late: late)
    if let way = direction?.ways[result.request.sequence] {
      probe.place = way.rawValue
      probe.reason = way.meaning
    }
    probe.at = time(of: result).rfc3339
    return probe
  }

  /// When a probe was handed to the kernel, on the realtime clock as it stood when the measurement began.
  public func time(of result: ProbeResult) -> KernelTimestamp {
    startedAt.advanced(by: result.submitted.since(began))
  }
}

extension PingReport.Target {
  /// A target as it was written, and where it is.
  package init(input: String, _ endpoint: Endpoint) {
    self.init(input: input, address: "\(endpoint.address)", port: Int(endpoint.port))
  }
}

extension PingReport.Outcomes {
  init(_ statistics: SeriesStatistics) {
    open = statistics.count(.open)
    closed = statistics.count(.closed)
    filtered = statistics.count(.filtered)
    lost = statistics.count(.lost)
    blocked = statistics.count(.blocked)
    unexpected = statistics.count(.unexpected)
    cancelled = statistics.count(.cancelled)
  }
}

extension PingReport.Loss {
  init(_ statistics: SeriesStatistics, _ direction: DirectionReading?) {
    ratio = statistics.loss.ratio
    of = statistics.loss.count == statistics.attempted ? nil : statistics.loss.count
    egress = statistics.losses[.egress] ?? 0
    network = statistics.losses[.network] ?? 0
    ingress = statistics.losses[.ingress] ?? 0
    unknown = statistics.losses[.unknown] ?? 0
    guard let direction else { return }
    forward = direction.forward
    back = direction.back
    undecided = network - direction.forward - direction.back
    self.direction = PingReport.Direction(
      forward: direction.shares.map { PingReport.Share($0.forward) },
      back: direction.shares.map { PingReport.Share($0.back) }, undecidedBecause: direction.reason?.description)
  }
}

extension PingReport.Clocks {
  init?(_ log: ClockLog, _ boot: String?) {
    guard !log.readings.isEmpty, let boot, !boot.isEmpty else { return nil }
    self.init(
      boot: boot,
      answers: log.readings.map {
        Reading(
          port: Int($0.port), sentMs: Double($0.sent) / 1e6, receivedMs: Double($0.received) / 1e6,
          peerTicks: Int($0.ticks))
      })
  }
}

extension PingReport.Listener {
  init(_ reading: ListenerReading) {
    self.init(state: reading.state.rawValue, reason: reading.meaning, sibling: reading.sibling.map(Int.init))
  }
}

extension PingReport.Share {
  init(_ share: LossDirection.Share) {
    self.init(ratio: share.ratio, interval: share.interval)
  }
}

extension LossWay {
  /// In words what became of a probe that was lost on it.
  public var meaning: String {
    switch self {
    case .forward: "on the way to the target: it repeats answers that are lost, and there was none to this"
    case .back: "on the way back: the target repeated its answer, which it gives to no SYN that is lost"
    }
  }
}

extension PingReport.Summary {
  package init?(_ distribution: LatencyDistribution) {
    guard let minimum = distribution.minimum, let maximum = distribution.maximum, let average = distribution.average,
      let quantiles = distribution.quantiles([0.5, 0.9, 0.99])
    else { return nil }
    self.init(
      min: minimum.milliseconds, mean: average.milliseconds, stddev: distribution.standardDeviation?.milliseconds,
      p50: quantiles[0].milliseconds, p90: quantiles[1].milliseconds, p99: quantiles[2].milliseconds,
      max: maximum.milliseconds)
  }
}

extension PingReport.Segments {
  init?(_ statistics: SeriesStatistics) {
    egress = PingReport.Segment(statistics.egress)
    network = PingReport.Segment(statistics.network)
    ingress = PingReport.Segment(statistics.ingress)
    if egress == nil, network == nil, ingress == nil { return nil }
  }
}

extension PingReport.Segment {
  package init?(_ distribution: LatencyDistribution) {
    guard let median = distribution.quantile(0.5), let maximum = distribution.maximum else { return nil }
    self.init(p50: median.milliseconds, max: maximum.milliseconds)
  }
}

extension PingReport.Anomalies {
  init(_ statistics: SeriesStatistics) {
    duplicates = statistics.anomalies[.duplicates] ?? 0
    retransmissions = statistics.anomalies[.retransmissions] ?? 0
    late = statistics.anomalies[.late] ?? 0
    reordered = statistics.anomalies[.reordered] ?? 0
    corrupt = statistics.anomalies[.corrupt] ?? 0
    unmatched = statistics.anomalies[.unmatched] ?? 0
    captureDrops = statistics.anomalies[.captureDrops] ?? 0
    clockSteps = statistics.anomalies[.clockSteps] ?? 0
    leftovers = statistics.anomalies[.leftovers]
    stalls = statistics.anomalies[.stalls]
  }
}

extension PingReport.Timestamps {
  init(_ seen: SeriesStatistics.SeenStamps) {
    queued = seen.queued ? "kernel" : nil
    sent = seen.sent ? "kernel" : nil
    received = seen.received ? "capture" : nil
    delivered = seen.delivered ? "kernel" : nil
    rtt = seen.handshake ? "tcp_info" : nil
  }
}

extension PingReport.Probe {
  init(_ result: ProbeResult, interface: String?, late: Duration?) {
    seq = result.request.sequence
    outcome = result.outcome.kind.rawValue
    rttMs = result.outcome.isAnswer ? result.observation.roundTrip?.milliseconds : nil
    egressMs = result.observation.egress?.milliseconds
    heldMs = result.observation.held?.milliseconds
    heldBy = result.observation.held == nil ? nil : result.observation.holder?.rawValue
    networkMs = result.observation.network?.milliseconds
    ingressMs = result.observation.ingress?.milliseconds
    ttl = result.reply.map { Int($0.hopLimit) }
    window = result.reply.map { Int($0.window) }
    mss = result.reply?.maximumSegmentSize.map(Int.init)
    sourcePort = result.localPort.map(Int.init)
    lateMs = late?.milliseconds
    reason = result.explanation(interface: interface)
    stranger = result.stranger.map { "\($0)" }
    drop = result.drop.map { PingReport.Drop(reason: $0.name, function: $0.function) }
    icmp = result.noted.map(PingReport.ICMP.init)
    switch result.outcome {
    case .lost(let place): self.place = place.rawValue
    case .filtered(let error):
      icmp = PingReport.ICMP(error)
    case .blocked(let failure): errno = failure.name
    case .unexpected(let flags): self.flags = "\(flags)"
    case .open, .closed, .cancelled: break
    }
  }
}

extension PingReport.ICMP {
  init(_ error: ICMPError) {
    self.init(type: Int(error.type), code: Int(error.code), from: "\(error.sender)")
  }
}

extension ProbeResult {
  /// In words what became of a probe, where that is more than an answer of the target: see `ProbeOutcome.explanation`.
  public func explanation(interface: String?) -> String? {
    let stranger = stranger.map { "\($0) answered in the target's stead, which connect() refuses" }
    let noted = noted.map { "\($0), which ends no handshake" }
    let drop = drop.map { "dropped by \($0.meaning)" }
    let parts = [account(interface: interface), drop, hold, stranger, noted]
    let known = parts.compactMap { $0 }
    return known.isEmpty ? nil : known.joined(separator: "; ")
  }

  private func account(interface: String?) -> String? {
    let device = interface ?? "the device"
    switch (outcome, cause) {
    case (.lost(.egress), .silentNeighbour(let neighbour)):
      return "in this host's egress: \(neighbour.silence(on: device))"
    case (.lost(.egress), .egressFilter):
      return "in this host's egress: dropped by a filter of traffic control on \(device), whose queue had room"
    case (.unexpected, _) where request.repeats > 0:
      return "answered for a connection that an earlier probe had left at the target"
    default: return outcome.explanation(timeout: request.timeout, interface: interface)
    }
  }

  private var hold: String? {
    guard let held = observation.held else { return nil }
    let place = observation.holder == .neighbour ? "waiting for the neighbour" : "in a packet queue of this host"
    return "\(held.millisecondsText) ms \(place) before it could leave"
  }
}

extension IPAddress {
  /// That a neighbour does not tell its link address, in words.
  func silence(on device: String) -> String { "no answer to \(family == .v4 ? "ARP" : "ND") from \(self) on \(device)" }
}

extension ProbeOutcome {
  /// In words what became of a probe that is not answered by the target; nil for an answer.
  public func explanation(timeout: Duration, interface: String?) -> String? {
    let device = interface ?? "the device"
    switch self {
    case .open, .closed: return nil
    case .filtered(let error): return "\(error) (ICMP type \(error.type) code \(error.code))"
    case .lost(.egress): return "in this host's egress: queued on \(device) and never sent"
    case .lost(.network): return "in the network: sent by \(device), and no reply reached it within \(timeout.text)"
    case .lost(.ingress):
      return "in this host's ingress: the reply arrived on \(device) and was dropped before delivery"
    case .lost(.unknown): return "at a place unknown: no reply within \(timeout.text), and a stamp is missing"
    case .blocked(let failure): return "\(failure.name): \(failure.meaning)"
    case .unexpected(let flags): return "answered with \(flags), which fits no rule"
    case .cancelled: return "the run ended first"
    }
  }
}

extension KernelTimestamp {
  /// UTC with microseconds, as RFC 3339 has it.
  public var rfc3339: String {
    var seconds = time_t(nanoseconds / 1_000_000_000)
    var fields = tm()
    gmtime_r(&seconds, &fields)
    func digits(_ value: Int, _ width: Int) -> String {
      let text = String(value)
      return String(repeating: "0", count: max(width - text.count, 0)) + text
    }
    let date = [
      digits(Int(fields.tm_year) + 1900, 4), digits(Int(fields.tm_mon) + 1, 2), digits(Int(fields.tm_mday), 2),
    ]
    let time = [digits(Int(fields.tm_hour), 2), digits(Int(fields.tm_min), 2), digits(Int(fields.tm_sec), 2)]
    let micros = digits(Int(nanoseconds % 1_000_000_000) / 1_000, 6)
    return "\(date.joined(separator: "-"))T\(time.joined(separator: ":")).\(micros)Z"
  }
}
