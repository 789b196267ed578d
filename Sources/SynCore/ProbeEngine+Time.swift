internal import SynWire

extension ProbeEngine {
  /// Takes a reading of both clocks, after what the kernel holds was handed in and before `advance`.
  public mutating func clocksRead(_ reading: ClockWatch.Reading) {
    guard clock.isStepped(reading) else { return }
    noteClockStep()
  }

  /// Ends the probes that are answered and those whose time is up.
  ///
  /// Spurious calls are harmless.
  /// - Parameters:
  ///   - now: Not before anything that was handed in.
  ///   - drained: What the kernel held at that moment, at least, was handed in: what is due later is not judged. Nil for
  ///     `now`.
  public mutating func advance(to now: MonotonicInstant, drainedAt drained: MonotonicInstant? = nil) {
    self.now = max(self.now, now)
    discardAbsurdStamps()
    judgeTouched()
    let due = drained ?? self.now
    for id in settling.takeExpired(at: due) { judgeAnswer(id) }
    for id in deadlines.takeExpired(at: due) { judgeDeadline(id) }
    for id in memories.takeExpired(at: self.now) { table.forget(id) }
  }

  private mutating func noteClockStep() {
    report(AnomalyReport(.clockSteps))
    clockSuspect = newestID
  }

  /// Stamps that run backwards, or further than the probe's life, tell of a step that lay between two readings.
  private mutating func discardAbsurdStamps() {
    for id in touched {
      guard let probe = table[id], !isClockSuspect(id) else { continue }
      let life = now.since(probe.submitted) + ProbeEngine.settleTime
      if probe.observation.isAbsurd(within: life) { return noteClockStep() }
    }
  }

  private mutating func judgeTouched() {
    let ids = touched
    touched.removeAll(keepingCapacity: true)
    for id in ids { judgeAnswer(id) }
  }

  /// Ends the probe when it is answered and its stamps are all there or waited for long enough.
  private mutating func judgeAnswer(_ id: ProbeID) {
    guard let probe = table[id] else { return }
    if let attempt = probe.attempt { return judge(attempt, of: id) }
    guard let answer = answer(to: probe) else { return }
    if let reply = answer.reply { setReceived(id, reply.received, delivered: reply.delivered) }
    let isComplete = table[id]?.observation.isComplete ?? false
    if isComplete || hasSettled(probe) {
      end(id, answered: answer)
    } else if probe.settlesAt == nil {
      table.update(id) { $0.settlesAt = now.advanced(by: ProbeEngine.settleTime) }
      settling.add(id, at: now, wait: ProbeEngine.settleTime)
    }
  }

  private func hasSettled(_ probe: borrowing InFlightProbe) -> Bool {
    probe.settlesAt.map { $0 <= now } ?? false
  }

  private struct Answer {
    var outcome: ProbeOutcome
    var reply: (received: Reply?, delivered: Reply)?
  }

  /// What the probe's answer is so far; nil while there is none that counts.
  private func answer(to probe: InFlightProbe) -> Answer? {
    if let delivered = probe.delivered {
      let captured = copy(of: delivered, in: probe)
      let first = probe.captured.first
      if let captured, let first, captured.mark.isRetransmission(of: first.mark) { return nil }
      return Answer(outcome: delivered.kind == .synAck ? .open : .closed, reply: (captured, delivered))
    }
    return probe.icmp.map { Answer(outcome: .filtered($0.error), reply: nil) }
  }

  /// The captured copy that was delivered.
  ///
  /// Without the sender's clock in them copies look alike: then it is the last
  /// that was there before the delivery.
  private func copy(of delivered: Reply, in probe: InFlightProbe) -> Reply? {
    let copies = probe.captured.filter { $0.mark.isCopy(of: delivered.mark) }
    guard delivered.mark.senderClock == nil, let time = delivered.time else { return copies.first }
    return copies.last { $0.time.map { time - $0 >= .zero } ?? false } ?? copies.first
  }

  private mutating func setReceived(_ id: ProbeID, _ received: Reply?, delivered: Reply) {
    table.update(id) { probe in
      probe.observation.received = received?.time
      probe.observation.delivered = delivered.time
    }
  }

  private mutating func end(_ id: ProbeID, answered answer: Answer) {
    guard let probe = table[id] else { return }
    if isLate(probe) { return endLate(id, answer.reply?.delivered) }
    let roundTrip = probe.observation.network ?? probe.observation.roundTrip
    if answer.outcome == .open, !isClockSuspect(id), let roundTrip, probe.captured.count <= 1 {
      let history = histories[probe.request.series] ?? SeriesHistory()
      if history.isRepetition(probe.request.sequence, after: roundTrip) {
        // A second one in a row is believed.
        histories[probe.request.series]?.answered(probe.request.sequence, after: roundTrip)
        report(
          AnomalyReport(
            .retransmissions, series: probe.request.series, sequence: probe.request.sequence, delay: roundTrip))
        table.update(id) { probe in
          probe.observation.received = nil
          probe.observation.delivered = nil
        }
        return finish(id, .lost(isCaptureSuspect(id) ? .unknown : .network))
      }
    }
    if !isClockSuspect(id), !isCaptureSuspect(id) { histories[probe.request.series]?.witnessed(probe.observation) }
    if answer.outcome.isAnswer, let roundTrip {
      histories[probe.request.series, default: SeriesHistory()].answered(probe.request.sequence, after: roundTrip)
    }
    if probe.isOvertaken {
      report(AnomalyReport(.reordered, series: probe.request.series, sequence: probe.request.sequence))
    }
    finish(id, answer.outcome)
  }

  /// Whether the answer came after the timeout by the kernel's stamps, though this process slept through the deadline.
  private func isLate(_ probe: InFlightProbe) -> Bool {
    guard !isClockSuspect(probe.id), let roundTrip = probe.observation.roundTrip else { return false }
    return roundTrip > probe.request.timeout
  }

  /// Ends the probe as it would have ended at its deadline.
  private mutating func endLate(_ id: ProbeID, _ reply: Reply?) {
    guard var probe = table[id], let start = probe.observation.start else { return }
    let arrivedInTime = probe.observation.received.map { $0 - start <= probe.request.timeout } ?? false
    if let reply { noteLate(EndedProbe(probe, isLost: true), reply) }
    table.update(id) { probe in
      probe.observation.delivered = nil
      if !arrivedInTime { probe.observation.received = nil }
    }
    if !arrivedInTime { probe.captured = [] }
    finish(id, .lost(place(of: probe)))
  }

  private mutating func judgeDeadline(_ id: ProbeID) {
    guard let probe = table[id] else { return }
    if let answer = answer(to: probe) { return end(id, answered: answer) }
    if let strange = probe.strange { return finish(id, .unexpected(strange.flags)) }
    // Its first SYN was answered, by a connection of an earlier probe: the path lost nothing then, and one probe is not
    // asked twice whether it does.
    if probe.request.repeats > 0 { return finish(id, .unexpected(.ack)) }
    finish(id, .lost(place(of: probe)))
  }

  /// Where a probe without an answer went missing: behind the last point that saw it.
  private func place(of probe: InFlightProbe) -> LossPlace {
    if probe.cause != nil { return .egress }
    if isCaptureSuspect(probe.id) { return .unknown }
    if !probe.captured.isEmpty { return .ingress }
    let history = histories[probe.request.series] ?? SeriesHistory()
    if probe.observation.sent != nil { return history.capture.isBlind ? .unknown : .network }
    let isTold = history.sent.isTrue || probe.request.expectsSentStamp && !history.sent.isBlind
    return probe.observation.queued != nil && isTold ? .egress : .unknown
  }

  /// Gives the probe its outcome; it stays remembered for a while, so that a further answer is known as such.
  mutating func finish(_ id: ProbeID, _ outcome: ProbeOutcome) {
    guard let probe = table.end(id, isLost: outcome.kind == .lost) else { return }
    let memory = outcome.kind == .lost ? probe.request.memory : nil
    memories.add(id, at: now, wait: memory ?? ProbeEngine.grace)
    var result = ProbeResult(
      id: id, request: probe.request, submitted: probe.submitted, localPort: probe.localPort, outcome: outcome,
      observation: isClockSuspect(id) ? Observation() : probe.observation, reply: ProbeEngine.facts(probe, outcome))
    result.cause = probe.cause
    if [.lost, .blocked].contains(outcome.kind) { result.drop = probe.drop }
    result.stranger = probe.strangers.first
    result.noted = probe.noted
    letGo(of: probe.request.series)
    counters.add(result)
    emit(.complete(result))
  }

  mutating func letGo(of series: SeriesID) {
    histories[series]?.letGo { table[$0] == nil }
  }

  private static func facts(_ probe: InFlightProbe, _ outcome: ProbeOutcome) -> ReplyFacts? {
    switch outcome {
    case .open, .closed: probe.delivered?.facts
    case .unexpected: probe.strange
    case .filtered, .lost, .blocked, .cancelled: nil
    }
  }
}
