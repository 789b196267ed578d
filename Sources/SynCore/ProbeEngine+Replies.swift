public import SynWire

extension ProbeEngine {
  /// The kernel stamped the SYN of `id` on its way out.
  ///
  /// Of several stamps of one kind (stacked devices) the first
  /// `queued` and the last `sent` count.
  public mutating func stamped(_ id: ProbeID, _ stamp: TransmitStamp, at time: KernelTimestamp) {
    table.update(id) { probe in
      switch stamp {
      case .queued where probe.observation.queued == nil:
        probe.observation.queued = time
        if let call = probe.call, time - call.ended > .zero { probe.observation.handed = call.began }
      case .queued: break
      case .sent: probe.observation.sent = time
      }
    }
    touch(id)
  }

  /// The call that sent the SYN of `id` ran between these two readings of the realtime clock.
  public mutating func transmitted(_ id: ProbeID, from began: KernelTimestamp, to ended: KernelTimestamp) {
    table.update(id) { $0.call = (began, ended) }
  }

  /// How long after its sending the SYN of `id` came to its queue, where that is later than the call and what held it is
  /// not known: see `held`.
  public func unexplainedHold(of id: ProbeID) -> Duration? {
    guard let probe = table[id], probe.observation.holder == nil else { return nil }
    return probe.observation.held
  }

  /// When the SYN of `id` entered its queue, where that is known.
  public func queued(_ id: ProbeID) -> KernelTimestamp? { table[id]?.observation.queued }

  /// What held the SYN of `id` back.
  public mutating func held(_ id: ProbeID, by holder: Observation.Holder) {
    table.update(id) { $0.observation.holder = holder }
  }

  /// What was asked of a probe that has not ended.
  public func request(of id: ProbeID) -> ProbeRequest? {
    table[id].flatMap { $0.outcome == nil ? $0.request : nil }
  }

  /// Probes whose time is up at `now`, and of which not even the first stamp has come.
  public func traceless(at now: MonotonicInstant) -> [ProbeID] {
    deadlines.expired(at: now).filter { id in
      table[id].map { $0.outcome == nil && $0.observation.queued == nil && $0.attempt == nil } ?? false
    }
  }

  /// The link address of the next hop of `id` was asked for and not told: the SYN never left this host.
  public mutating func neighbourIsSilent(_ id: ProbeID) {
    table.update(id) { $0.isNeighbourSilent = true }
  }

  /// The capture on `device` (0: any) saw `frame` arrive, before this host's traffic control and netfilter.
  ///
  /// A probe's answer counts on its own device alone: stacked devices show it once more.
  public mutating func captured(_ frame: Frame, at time: KernelTimestamp, on device: UInt32 = 0) {
    switch frame {
    case .tcp(let segment) where segment.checksum == .wrong: noteCorrupt(segment)
    case .tcp(let segment): noteCaptured(segment, at: time, on: device)
    case .icmp(let error): noteICMP(error, received: time, delivered: nil)
    case .other: break
    }
  }

  /// The raw socket got `segment`: it came through this host's traffic control and netfilter.
  public mutating func delivered(_ segment: TCPSegment, at time: KernelTimestamp?) {
    guard segment.checksum != .wrong else { return }
    switch classify(segment) {
    case .answer(let id, let kind):
      if table[id]?.isAnswered(by: segment.source) == true { noteDelivered(id, Reply(kind, segment, at: time)) } else {
        refuse(id, segment.source)
      }
    case .strange(let id):
      table.update(id) { $0.strange = ReplyFacts(segment) }
    case .notOurs: break
    }
  }

  /// The raw socket's error queue holds an ICMP error: it came through this host's ingress.
  public mutating func delivered(_ error: ICMPError, at time: KernelTimestamp?) {
    noteICMP(error, received: nil, delivered: time)
  }

  /// This host dropped `count` packets before the capture or the raw socket could hand them over.
  public mutating func captureDropped(_ count: UInt64) {
    guard count > 0 else { return }
    report(AnomalyReport(.captureDrops, count: count))
    captureInterrupted()
  }

  /// The loop did not run for a while: see `StallWatch`.
  public mutating func stalled() {
    report(AnomalyReport(.stalls))
  }

  /// A capture broke off: what the probes in flight would have shown in it is not known.
  public mutating func captureInterrupted() {
    captureSuspect = newestID
  }

  enum Classification {
    case answer(ProbeID, Reply.Kind)
    case strange(ProbeID)
    case notOurs
  }

  /// The rules of acknowledgement (RFC 9293 section 3.10.7.3).
  ///
  /// A segment on a probe's own ports that fits none is
  /// strange unless it is a SYN-ACK or RST: those carry a proof, and without the right one they are forged.
  func classify(_ segment: TCPSegment) -> Classification {
    let port = segment.destination.port
    let ack = segment.acknowledgement
    let control = segment.flags.intersection([.syn, .ack, .rst, .fin])
    if control == [.syn, .ack], let id = table.probe(answeredAt: port, with: ack) { return .answer(id, .synAck) }
    if control == [.rst, .ack] {
      // Some stacks acknowledge the ISN and not the SYN's place in the sequence; zmap takes both.
      let candidate =
        table.probe(answeredAt: port, with: ack) ?? table.probe(answeredAt: port, with: ack.advanced(by: 1))
      if let id = candidate { return .answer(id, .reset) }
    }
    if segment.flags.contains(.rst) || control == [.syn, .ack] { return .notOurs }
    return table.probe(from: port, to: segment.source).map { .strange($0) } ?? .notOurs
  }

  private mutating func noteCaptured(_ segment: TCPSegment, at time: KernelTimestamp, on device: UInt32) {
    switch classify(segment) {
    case .answer(let id, let kind):
      guard device == 0 || [0, device].contains(table[id]?.request.device ?? 0) else { return }
      noteAnswer(id, Reply(kind, segment, at: time), acknowledgement: segment.acknowledgement)
    case .strange(let id): touch(id)
    case .notOurs:
      if segment.flags.contains(.rst) { counters.refusedResets += 1 }
      report(AnomalyReport(.unmatched, series: probe(at: segment)?.request.series))
    }
  }

  private mutating func noteAnswer(_ id: ProbeID, _ reply: Reply, acknowledgement: SequenceNumber) {
    guard let probe = table[id] else { return }
    if reply.kind == .reset, acknowledgement == probe.identity?.initialSequence { counters.resetsOfISN += 1 }
    guard !probe.strangers.contains(reply.source) else { return }
    table.update(id) { probe in
      if probe.captured.count < InFlightProbe.copiesKept { probe.captured.append(reply) }
    }
    if let first = probe.captured.first {
      let kind: Anomaly = reply.isRetransmission(of: first) ? .retransmissions : .duplicates
      report(
        AnomalyReport(
          kind, series: probe.request.series, sequence: probe.request.sequence,
          copy: ReplyCopy(facts: reply.facts, received: reply.time)))
    } else if probe.outcome == nil {
      let isOvertaken =
        histories[probe.request.series]?.isOvertaken(arrivalOf: probe.request.sequence) ?? false
      table.update(id) { probe in
        probe.observation.received = reply.time
        probe.isOvertaken = isOvertaken
      }
      touch(id)
    }
  }

  private mutating func noteDelivered(_ id: ProbeID, _ reply: Reply) {
    guard let probe = table[id], probe.delivered == nil else { return }
    table.update(id) { $0.delivered = reply }
    if probe.outcome == nil { touch(id) }
    if probe.outcome == .lost { noteLate(probe, reply) }
  }

  /// What answered rightly was not the target: no connect(2) would take it for an answer.
  private mutating func refuse(_ id: ProbeID, _ stranger: Endpoint) {
    guard let request = table[id]?.request else { return }
    table.update(id) { $0.refuse(stranger) }
    report(AnomalyReport(.unmatched, series: request.series, sequence: request.sequence, stranger: stranger))
  }

  /// An answer after the timeout: either a slow path, or the target's repetition of an answer that was lost.
  mutating func noteLate(_ probe: InFlightProbe, _ reply: Reply) {
    var observation = probe.observation
    observation.delivered = reply.time
    let roundTrip = isClockSuspect(probe.id) ? nil : observation.roundTrip
    let history = histories[probe.request.series] ?? SeriesHistory()
    let isRepetition = roundTrip.map { history.isRepetition(probe.request.sequence, after: $0) } ?? false
    report(
      AnomalyReport(
        isRepetition ? .retransmissions : .late, series: probe.request.series, sequence: probe.request.sequence,
        roundTrip: isRepetition ? nil : roundTrip))
  }

  private mutating func noteCorrupt(_ segment: TCPSegment) {
    // Its numbers may be damaged: the probe is the one that holds the port.
    let request = probe(at: segment)?.request
    report(AnomalyReport(.corrupt, series: request?.series, sequence: request?.sequence))
  }

  private mutating func noteICMP(_ error: ICMPError, received: KernelTimestamp?, delivered: KernelTimestamp?) {
    // The quoted destination is that of the wire in the capture, and of the socket in its error queue.
    guard let id = table.probe(from: error.quoted.sourcePort, with: error.quoted.sequence), let probe = table[id],
      received != nil || error.quoted.destination == probe.request.target.unzoned
    else {
      if received != nil { report(AnomalyReport(.unmatched)) }
      return
    }
    guard probe.outcome == nil else { return }
    guard error.endsHandshake else { return table.update(id) { $0.noted = error } }
    if error.isHostUnreachable, error.sender == probe.request.source?.unzoned { return neighbourIsSilent(id) }
    table.update(id) { probe in
      if probe.captured.isEmpty, let received { probe.observation.received = probe.observation.received ?? received }
      if probe.delivered == nil, let delivered {
        probe.observation.delivered = probe.observation.delivered ?? delivered
      }
      let isDelivered = received == nil || probe.icmp?.isDelivered == true
      probe.icmp = (error, isDelivered)
    }
    touch(id)
  }

  /// The remembered probe to whose port a segment came.
  private func probe(at segment: TCPSegment) -> InFlightProbe? {
    let id =
      table.probe(from: segment.destination.port, to: segment.source)
      ?? table.probe(answeredAt: segment.destination.port, with: segment.acknowledgement)
    return id.flatMap { table[$0] }
  }

  mutating func touch(_ id: ProbeID) {
    if touched.last != id { touched.append(id) }
  }
}

extension Reply {
  init(_ kind: Kind, _ segment: TCPSegment, at time: KernelTimestamp?) {
    self.init(
      kind: kind, source: segment.source, sequence: segment.sequence, senderClock: segment.options.timestamps?.value,
      facts: ReplyFacts(segment), time: time)
  }
}
