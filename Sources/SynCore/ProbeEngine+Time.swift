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
      if Observation(probe, table[findings: probe].rare).isAbsurd(within: life) { return noteClockStep() }
    }
  }

  private mutating func judgeTouched() {
    swap(&touched, &judged)
    for index in judged.indices { judgeAnswer(judged[index]) }
    judged.removeAll(keepingCapacity: true)
  }

  /// Ends the probe when it is answered and its stamps are all there or waited for long enough.
  private mutating func judgeAnswer(_ id: ProbeID) {
    guard let probe = table[id], probe.findings != nil else { return }
    let findings = table[findings: probe]
    if let attempt = findings.rare?.attempt { return judge(attempt, of: id) }
    guard let answer = Answer(findings) else { return }
    if let reply = answer.reply {
      table.update(id) { probe in
        probe.received = reply.received
        probe.delivered = reply.delivered.time
      }
    }
    if table[id]?.isComplete ?? false || findings.settlesAt.map({ $0 <= now }) ?? false {
      end(id, findings, answered: answer)
    } else if findings.settlesAt == nil {
      table.note(id) { $0.settlesAt = now.advanced(by: ProbeEngine.settleTime) }
      settling.add(id, at: now, wait: ProbeEngine.settleTime)
    }
  }

  /// What a probe's answer is so far.
  private struct Answer {
    let outcome: ProbeOutcome
    let reply: (received: KernelTimestamp?, delivered: Reply)?

    /// Nil while there is none that counts.
    init?(_ findings: ProbeFindings) {
      if let delivered = findings.delivered {
        let captured = findings.captured(as: delivered)
        let first = findings.firstCaptured
        if let captured, let first, captured.mark.isRetransmission(of: first.mark) { return nil }
        outcome = delivered.kind == .synAck ? .open : .closed
        reply = (captured?.mark.time, delivered)
      } else {
        guard let icmp = findings.rare?.icmp else { return nil }
        outcome = .filtered(icmp.error)
        reply = nil
      }
    }
  }

  private mutating func end(_ id: ProbeID, _ findings: ProbeFindings, answered answer: Answer) {
    guard let probe = table[id] else { return }
    let series = table[common: probe.common].series
    let observation = Observation(probe, findings.rare)
    if isLate(probe, observation) { return endLate(id, answer.reply?.delivered) }
    let roundTrip = observation.network ?? observation.roundTrip
    if answer.outcome == .open, !isClockSuspect(id), let roundTrip, findings.capturedCount <= 1 {
      let history = histories[series] ?? SeriesHistory()
      if history.isRepetition(probe.sequence, after: roundTrip) {
        // A second one in a row is believed.
        histories.update(series) { $0.answered(probe.sequence, after: roundTrip) }
        report(AnomalyReport(.retransmissions, series: series, sequence: probe.sequence, delay: roundTrip))
        table.update(id) { probe in
          probe.received = nil
          probe.delivered = nil
        }
        return finish(id, .lost(isCaptureSuspect(id) ? .unknown : .network))
      }
    }
    if !isClockSuspect(id), !isCaptureSuspect(id) { histories.update(series) { $0.witnessed(observation) } }
    if answer.outcome.isAnswer, let roundTrip {
      histories.provide(series) { $0.answered(probe.sequence, after: roundTrip) }
    }
    if findings.isOvertaken {
      report(AnomalyReport(.reordered, series: series, sequence: probe.sequence))
    }
    finish(id, answer.outcome)
  }

  /// Whether the answer came after the timeout by the kernel's stamps, though this process slept through the deadline.
  private func isLate(_ probe: InFlightProbe, _ observation: Observation) -> Bool {
    guard !isClockSuspect(probe.id), let roundTrip = observation.roundTrip else { return false }
    return roundTrip > table[common: probe.common].timeout
  }

  /// Ends the probe as it would have ended at its deadline.
  private mutating func endLate(_ id: ProbeID, _ reply: Reply?) {
    guard let probe = table[id] else { return }
    let findings = table[findings: probe]
    guard let start = findings.rare?.handed ?? probe.queued else { return }
    let arrivedInTime = probe.received.map { $0 - start <= table[common: probe.common].timeout } ?? false
    if let reply { noteLate(EndedProbe(probe, findings, isLost: true), reply) }
    table.update(id) { probe in
      probe.delivered = nil
      if !arrivedInTime { probe.received = nil }
    }
    finish(id, .lost(place(of: probe, isCaptured: arrivedInTime && findings.firstCaptured != nil)))
  }

  private mutating func judgeDeadline(_ id: ProbeID) {
    guard let probe = table[id] else { return }
    let findings = table[findings: probe]
    if let answer = Answer(findings) { return end(id, findings, answered: answer) }
    if let strange = findings.rare?.strange { return finish(id, .unexpected(strange.flags)) }
    // Its first SYN was answered, by a connection of an earlier probe: the path lost nothing then, and one probe is not
    // asked twice whether it does.
    if probe.repeats > 0 { return finish(id, .unexpected(.ack)) }
    finish(id, .lost(place(of: probe, isCaptured: findings.firstCaptured != nil)))
  }

  /// Where a probe without an answer went missing: behind the last point that saw it.
  private func place(of probe: InFlightProbe, isCaptured: Bool) -> LossPlace {
    if table[findings: probe].rare?.cause != nil { return .egress }
    if isCaptureSuspect(probe.id) { return .unknown }
    if isCaptured { return .ingress }
    let common = table[common: probe.common]
    let history = histories[common.series] ?? SeriesHistory()
    if probe.sent != nil { return history.capture.isBlind ? .unknown : .network }
    let isTold = history.sent.isTrue || common.expectsSentStamp && !history.sent.isBlind
    return probe.queued != nil && isTold ? .egress : .unknown
  }

  /// Gives the probe its outcome; it stays remembered for a while, so that a further answer is known as such.
  mutating func finish(_ id: ProbeID, _ outcome: ProbeOutcome) {
    guard let (probe, findings) = table.end(id, isLost: outcome.kind == .lost) else { return }
    let request = table.request(of: probe)
    let memory = outcome.kind == .lost ? request.memory : nil
    memories.add(id, at: now, wait: memory ?? ProbeEngine.grace)
    var result = ProbeResult(
      id: id, request: request, submitted: probe.submitted,
      localPort: probe.identity?.localPort ?? findings.rare?.attempt?.localPort, outcome: outcome,
      observation: isClockSuspect(id) ? Observation() : Observation(probe, findings.rare),
      reply: ProbeEngine.facts(findings, outcome))
    if let rare = findings.rare {
      result.cause = rare.cause
      if [.lost, .blocked].contains(outcome.kind) { result.drop = rare.drop }
      result.stranger = rare.strangers.first
      result.noted = rare.noted
    }
    letGo(of: request.series)
    counters.add(result)
    emit(.complete(result))
  }

  mutating func letGo(of series: SeriesID) {
    histories.update(series) { $0.letGoOfEnded(in: table) }
  }

  private static func facts(_ findings: ProbeFindings, _ outcome: ProbeOutcome) -> ReplyFacts? {
    switch outcome {
    case .open, .closed: findings.delivered?.facts
    case .unexpected: findings.rare?.strange
    case .filtered, .lost, .blocked, .cancelled: nil
    }
  }
}
