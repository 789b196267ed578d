public import SynWire

extension ProbeEngine {
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
      guard target(of: id) == segment.source.unzoned else { return refuse(id, segment.source) }
      noteDelivered(id, Reply(kind, segment, at: time))
    case .strange(let id):
      table.noteRare(id) { $0.strange = ReplyFacts(segment) }
      if let probe = table[id], probe.isLeftover(segment) { askAgain(probe) }
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

  /// The target holds a half-open connection of an earlier probe to this one's port: what it says tells nothing now.
  private mutating func askAgain(_ probe: InFlightProbe) {
    guard let port = probe.identity?.localPort, probe.repeats < ProbeEngine.mostRepeats else { return }
    emit(.sendAgain(probe.id, table.request(of: probe), from: port))
  }

  /// Takes a probe that is sent again out of the count; it stays remembered.
  public mutating func retire(_ id: ProbeID) {
    guard let (probe, _) = table.end(id, isLost: false) else { return }
    memories.add(id, at: now, wait: ProbeEngine.grace)
    counters.attempted -= 1
    let series = table[common: probe.common].series
    letGo(of: series)
    report(AnomalyReport(.leftovers, series: series, sequence: probe.sequence))
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
      let own = common(to: id)?.device ?? 0
      guard device == 0 || own == 0 || own == device else { return }
      noteAnswer(id, Reply(kind, segment, at: time), acknowledgement: segment.acknowledgement)
    case .strange(let id): touch(id)
    case .notOurs:
      if segment.flags.contains(.rst) { counters.refusedResets += 1 }
      report(AnomalyReport(.unmatched, series: probe(at: segment)?.series))
    }
  }

  private mutating func noteAnswer(_ id: ProbeID, _ reply: Reply, acknowledgement: SequenceNumber) {
    guard let probe = table[id] else { return noteFurtherAnswer(id, reply) }
    if reply.kind == .reset, acknowledgement == probe.identity?.initialSequence { counters.resetsOfISN += 1 }
    let findings = table[findings: probe]
    guard findings.rare?.strangers.contains(reply.source) != true else { return }
    let series = table[common: probe.common].series
    if let first = findings.firstCaptured?.mark {
      reportCopy(reply, of: first, series: series, sequence: probe.sequence)
      return table.note(id) { $0.capture(reply) }
    }
    let isLater = isOvertaken(arrivalOf: probe.sequence, in: series)
    let isOvertaken = isLater && probe.repeats == 0  // What was sent again left after those that overtook it.
    table.update(id) { $0.received = reply.time }
    table.note(id) { findings in
      findings.capture(reply)
      findings.isOvertaken = isOvertaken
    }
    touch(id)
  }

  private mutating func isOvertaken(arrivalOf sequence: Int, in series: SeriesID) -> Bool {
    var isOvertaken = false
    histories.update(series) { isOvertaken = $0.isOvertaken(arrivalOf: sequence) }
    return isOvertaken
  }

  /// An answer to a probe that has ended: a copy, a repetition, or the first one, which is late.
  private mutating func noteFurtherAnswer(_ id: ProbeID, _ reply: Reply) {
    guard let probe = table.ended(id) else { return }
    if let first = probe.firstAnswer {
      reportCopy(reply, of: first, series: table[common: probe.common].series, sequence: probe.sequence)
    } else {
      table.updateEnded(id) { $0.firstAnswer = reply.mark }
    }
  }

  private mutating func reportCopy(_ reply: Reply, of first: Reply.Mark, series: SeriesID, sequence: Int) {
    let kind: Anomaly = reply.mark.isRetransmission(of: first) ? .retransmissions : .duplicates
    var copy = AnomalyReport(
      kind, series: series, sequence: sequence, copy: ReplyCopy(facts: reply.facts, received: reply.time))
    if kind == .retransmissions, let time = reply.time, let start = first.time { copy.delay = time - start }
    report(copy)
  }

  private mutating func noteDelivered(_ id: ProbeID, _ reply: Reply) {
    if let probe = table[id] {
      guard table[findings: probe].delivered == nil else { return }
      table.note(id) { $0.delivered = reply }
      touch(id)
    } else if let probe = table.ended(id), !probe.isDelivered {
      table.updateEnded(id) { $0.isDelivered = true }
      if probe.isLost { noteLate(probe, reply) }
    }
  }

  /// Whom a probe was sent to, as headers have it.
  private func target(of id: ProbeID) -> Endpoint? { common(to: id)?.target.unzoned }

  /// What answered rightly was not the target: no connect(2) would take it for an answer.
  private mutating func refuse(_ id: ProbeID, _ stranger: Endpoint) {
    var first: KernelTimestamp?
    table.note(id) { findings in
      findings.refuse(stranger)
      first = findings.firstCaptured?.mark.time
    }
    table.update(id) { $0.received = first }
    let probe = known(id)
    report(AnomalyReport(.unmatched, series: probe?.series, sequence: probe?.sequence, stranger: stranger))
  }

  /// An answer after the timeout: either a slow path, or the target's repetition of an answer that was lost.
  mutating func noteLate(_ probe: EndedProbe, _ reply: Reply) {
    let series = table[common: probe.common].series
    var roundTrip: Duration?
    if let time = reply.time, let start = probe.start, !isClockSuspect(probe.id) { roundTrip = time - start }
    let history = histories[series] ?? SeriesHistory()
    let isRepetition = roundTrip.map { history.isRepetition(probe.sequence, after: $0) } ?? false
    report(
      AnomalyReport(
        isRepetition ? .retransmissions : .late, series: series, sequence: probe.sequence,
        roundTrip: isRepetition ? nil : roundTrip, delay: isRepetition ? roundTrip : nil))
  }

  private mutating func noteCorrupt(_ segment: TCPSegment) {
    // Its numbers may be damaged: the probe is the one that holds the port.
    let probe = probe(at: segment)
    report(AnomalyReport(.corrupt, series: probe?.series, sequence: probe?.sequence))
  }

  private mutating func noteICMP(_ error: ICMPError, received: KernelTimestamp?, delivered: KernelTimestamp?) {
    // The quoted destination is that of the wire in the capture, and of the socket in its error queue.
    guard let id = table.probe(from: error.quoted.sourcePort, with: error.quoted.sequence),
      received != nil || error.quoted.destination == target(of: id)
    else {
      if received != nil { report(AnomalyReport(.unmatched)) }
      return
    }
    guard let probe = table[id] else { return }
    guard error.endsHandshake else { return table.noteRare(id) { $0.noted = error } }
    if isOfSilentNeighbour(error, table[common: probe.common]) { return neighbourIsSilent(id) }
    let findings = table[findings: probe]
    table.noteRare(id) { rare in
      let isDelivered = received == nil || rare.icmp?.isDelivered == true
      var error = error
      // The error queue holds no more of it than the quote.
      if error.labels.isEmpty { error.labels = rare.icmp?.error.labels ?? [] }
      rare.icmp = (error, isDelivered)
    }
    table.update(id) { probe in
      if findings.firstCaptured == nil, let received { probe.received = probe.received ?? received }
      if findings.delivered == nil, let delivered { probe.delivered = probe.delivered ?? delivered }
    }
    touch(id)
  }

  /// Whether this host itself says that the next hop did not tell its link address; towards an own address there is none.
  func isOfSilentNeighbour(_ error: ICMPError, _ request: ProbeRequest) -> Bool {
    guard let source = request.source?.unzoned, source != request.target.address.unzoned else { return false }
    return error.isHostUnreachable && error.sender == source
  }

  /// The series of a probe, in flight or ended, and its number in it.
  func known(_ id: ProbeID) -> (series: SeriesID, sequence: Int)? {
    let known = table[id].map { ($0.common, $0.sequence) } ?? table.ended(id).map { ($0.common, $0.sequence) }
    return known.map { (table[common: $0.0].series, $0.1) }
  }

  /// What a probe, in flight or ended, was asked in common with others.
  func common(to id: ProbeID) -> ProbeRequest? {
    (table[id]?.common ?? table.ended(id)?.common).map { table[common: $0] }
  }

  /// The probe to whose port a segment came.
  private func probe(at segment: TCPSegment) -> (series: SeriesID, sequence: Int)? {
    let id =
      table.probe(from: segment.destination.port, to: segment.source)
      ?? table.probe(answeredAt: segment.destination.port, with: segment.acknowledgement)
    return id.flatMap { known($0) }
  }

  mutating func touch(_ id: ProbeID) {
    if touched.last != id { touched.append(id) }
  }
}
