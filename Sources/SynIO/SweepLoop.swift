internal import Glibc
package import SynCore
package import SynSweep
package import SynSystem
package import SynWire

/// Who has a sweep made: hands over what is to be asked, and hears what comes of it, on the sweep's own thread.
package protocol SweepClient: AnyObject {
  /// More endpoints.
  func next() -> SweepNext
  /// The first answer of a target.
  func found(_ answer: SweepAnswer)
  /// A target that did not answer, where that is wanted.
  func missed(_ target: Endpoint)
  /// A target to which this host refused to send.
  func refused(_ target: Endpoint, _ failure: SendFailure)
  /// Something was done; whether the sweep goes on.
  func goesOn(_ state: SweepState) -> Bool
  /// What else ends a wait; those below 0 do not count.
  var descriptors: [Int32] { get }
}

/// What a sweep asks next.
package enum SweepNext {
  case space(SweepSpace)
  /// It is not known yet; one of the client's descriptors tells when.
  case later
  case end
}

/// How far a sweep has come.
package struct SweepState: Sendable {
  /// What was counted.
  package var tally = SweepTally()
  /// Turns that are settled: all that can come of them has come.
  package var settled: UInt64 = 0
  /// Turns that an earlier sweep had settled.
  package var before: UInt64 = 0
  /// Turns that have come, with those before.
  package var asked: UInt64 = 0
  /// Turns that are known of.
  package var known: UInt64 = 0
  /// Turns of those that were given twice, and had answered.
  package var repeated: UInt64 = 0
  /// Packets that this host's full buffers have dropped before they were seen.
  package var drops: UInt64 = 0
  /// Whether all is done.
  package var isOver = false

  /// Nothing so far.
  package init() {}
}

/// Has the SYNs of a sweep sent and finds what came of them, on the caller's thread.
///
/// A class, since what it hears while it sends changes other parts of it.
package final class SweepLoop {
  private let options: ProberConfiguration
  private let reservations: PortReservations
  private var outbox: SweepOutbox
  private var captures: [UInt32: PacketCapture] = [:]
  private var routes: SweepRoutes
  private var walk: SweepWalk
  private let before: UInt64
  private var pacer: SweepPacer
  private var engine: SweepEngine
  private var drops: UInt64 = 0
  private var clocks = ClockWatch()
  private let own = OwnAddresses()
  private var thread: PromptThread?

  /// So many source ports: who balances by them sees several.
  private static let ports = 64
  /// The client is asked at least so often.
  private static let tick = Duration.milliseconds(100)

  /// How it is swept.
  package struct Plan: Sendable {
    /// SYNs a second.
    package let rate: Double
    /// How long an answer counts.
    package let timeout: Duration
    /// How many answers are remembered at least: all that come in the time of a turn.
    package let answersKept: Int

    /// Joins the fields.
    package init(rate: Double, timeout: Duration, answersKept: Int) {
      self.rate = rate
      self.timeout = timeout
      self.answersKept = answersKept
    }
  }

  /// Opens the sockets and reserves the ports.
  /// - Throws: `SystemError`; without CAP_NET_RAW its `isMissingCapability` holds.
  package init(
    _ options: ProberConfiguration, _ plan: Plan, walk: SweepWalk
  ) throws(SystemError) {
    let former = Privilege.raise()
    defer { Privilege.restore(former) }
    let outbox = try SweepOutbox(options, timeout: plan.timeout)
    try PacketCapture.checkPermission()
    let ports =
      if let port = options.sourcePort { try PortReservations(fixed: port) } else {
        try PortReservations(row: SweepLoop.ports)
      }
    let key = (UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max))
    engine = SweepEngine(
      SweepIdentity(key: key, ports: ports.block), timeout: plan.timeout, answersKept: plan.answersKept)
    reservations = consume ports
    self.outbox = consume outbox
    routes = SweepRoutes(options)
    self.options = options
    self.walk = walk
    before = walk.settled
    pacer = SweepPacer(rate: plan.rate, start: SystemClock.now())
  }

  /// Sweeps until all is settled, or the client ends it.
  ///
  /// - Parameters:
  ///   - client: Hears what comes of it.
  ///   - thread: The calling thread, where it has its turn at once.
  /// - Returns: How far it came, and why no further where a device that is up cannot be captured on.
  package func run(
    _ client: some SweepClient, on thread: PromptThread?
  ) -> (state: SweepState, failure: SystemError?) {
    defer { if options.endsWithProcess { PacketCapture.leave(captures.values) } }
    self.thread = thread
    while true {
      let now = SystemClock.now()
      // The sender goes on with what waits, while this thread looks at what its last SYNs have brought.
      flush(now, client)
      // All that has come by now counts before anything is settled.
      drain(client)
      let rest: Rest
      do throws(SystemError) { rest = try ask(client, now) } catch {
        return (finish(state(isOver: false), client), error)
      }
      drain(client)
      for capture in captures.values { drops += capture.takeDrops() }
      let state = state(isOver: rest == .over)
      if state.isOver || !client.goesOn(state) { return (finish(state, client), nil) }
      wait(for: rest, client)
    }
  }

  /// What is with the sender has left, too, before it is said what came of all.
  private func finish(_ state: SweepState, _ client: some SweepClient) -> SweepState {
    if state.isOver {
      _ = client.goesOn(state)
      return state
    }
    outbox.finish(&walk) { told($0, $1, client) }
    drain(client)
    var last = self.state(isOver: false)
    last.asked -= UInt64(outbox.firstsWaiting)
    return last
  }

  private func state(isOver: Bool) -> SweepState {
    var state = SweepState()
    state.tally = engine.tally
    (state.before, state.settled, state.asked, state.known) = (before, walk.settled, walk.asked, walk.known)
    state.repeated = walk.repeated
    state.drops = drops
    state.isOver = isOver
    return state
  }

  // MARK: Sending

  private enum Rest: Equatable {
    case until(MonotonicInstant)
    case over
  }

  /// Sends what is due; what is to be waited for then.
  private func ask(_ client: some SweepClient, _ now: MonotonicInstant) throws(SystemError) -> Rest {
    // What is held is not asked yet: no turn goes on before it has left.
    guard flush(now, client) else { return rest(now, pacer.due) }
    while !outbox.isFull {
      let mayAsk = pacer.due <= now
      switch walk.next(
        at: now, mayAsk: mayAsk, allHaveLeft: outbox.isEmpty, hasAnswered: { engine.hasAnswered($0) })
      {
      case .ask(let target, let isAgain):
        _ = pacer.take(at: now, atMost: 1)
        try prepare(target, isAgain, now, client)
      case .unanswered(let target):
        engine.missed(target)
        client.missed(target)
      case .more:
        switch client.next() {
        case .space(let space):
          walk.append(space)
          // Of a list that names nothing new there are always more: the client is asked between two parts of it.
          flush(now, client)
          return rest(now, now)
        case .later:
          flush(now, client)
          return rest(now, now.advanced(by: SweepLoop.tick))
        case .end: walk.complete()
        }
      case .wait(let moment):
        flush(now, client)
        return rest(now, pacer.due > now ? min(pacer.due, moment) : moment)
      case .over: return outbox.isEmpty ? .over : rest(now, now)
      }
    }
    flush(now, client)
    return rest(now, pacer.due)
  }

  private func rest(_ now: MonotonicInstant, _ due: MonotonicInstant) -> Rest { .until(outbox.rest(now, due: due)) }

  @discardableResult
  private func flush(_ now: MonotonicInstant, _ client: some SweepClient) -> Bool {
    outbox.flush(now, &walk) { told($0, $1, client) }
  }

  /// A SYN has left, or was refused.
  private func told(_ departure: SweepSocket.Departure, _ failure: SendFailure?, _ client: some SweepClient) {
    if let failure { refuse(departure.target, failure, client) } else { engine.sent() }
  }

  private func prepare(
    _ target: Endpoint, _ isAgain: Bool, _ now: MonotonicInstant, _ client: some SweepClient
  ) throws(SystemError) {
    let mark = engine.mark(of: target)
    switch routes.route(to: target, from: mark.localPort, at: now) {
    case .success(let route):
      if let failure = try arm(route) {
        refuse(target, failure, client)
      } else {
        outbox.append(
          SweepSocket.Departure(
            target: target, isAgain: isAgain, localPort: mark.localPort, sequence: mark.sequence, route: route))
      }
    case .failure(let failure): refuse(target, failure, client)
    }
  }

  private func refuse(_ target: Endpoint, _ failure: SendFailure, _ client: some SweepClient) {
    if engine.refused(target) { client.refused(target, failure) }
  }

  /// Opens the capture of a way, unless it is open; why nothing can be sent by it, where its device is gone.
  private func arm(_ route: Route) throws(SystemError) -> SendFailure? {
    guard captures[route.index] == nil else { return nil }
    do throws(SystemError) {
      captures[route.index] = try PacketCapture(
        device: route.interface, filter: CaptureFilter(ports: reservations.block, seesSyns: true))
      return nil
    } catch {
      guard Devices.exists(interface: route.interface) else { return SendFailure(errno: ENODEV) }
      guard Devices.isUp(interface: route.interface) else { return SendFailure(errno: ENETDOWN) }
      throw error
    }
  }

  // MARK: Receiving

  private func drain(_ client: some SweepClient) {
    engine.tellsTimes = !(SystemClock.reading().map { clocks.isStepped($0) } ?? false)
    defer { engine.tellsTimes = true }
    for (device, capture) in captures {
      let isUp = capture.drain { frame, time, _ in
        if let answer = engine.captured(frame, at: time, isOwn: { own.contains($0) }) { client.found(answer) }
      }
      guard !isUp else { continue }
      drops += capture.takeDrops()
      captures[device] = nil
    }
  }

  private func wait(for rest: Rest, _ client: some SweepClient) {
    let now = SystemClock.now()
    thread?.yieldWhenBusy()
    guard case .until(let moment) = rest, moment > now else { return }
    // What comes while the sender is at work is looked at in one go.
    let others = outbox.descriptor.map { [$0] } ?? captures.values.map(\.descriptor)
    var polled = Waiting(for: others + client.descriptors)
    polled.wait(until: min(moment, now.advanced(by: SweepLoop.tick)))
  }
}
