internal import CSyn
internal import Glibc
internal import SynCore
internal import SynSystem
internal import SynWire

/// What other threads ask of the loop.
enum LoopCommand: Sendable {
  case start(SeriesID, SeriesPlan, handler: @Sendable (ProbeEvent) -> Void)
  case cancel(SeriesID)
  case snapshot(@Sendable (LoopSnapshot) -> Void)
  case stop
}

/// The only loop of the package: one thread, one wait over the capture, the raw sockets and the mailbox.
struct ProbeLoop: ~Copyable {
  let options: ProberConfiguration
  let mailbox: Mailbox<LoopCommand>
  var engine: ProbeEngine
  /// In mode `connect`; the raw sockets, captures and ports are those of mode `syn`.
  var connector: Connector?
  var socketV4: RawSocket?
  var socketV6: RawSocket?
  var captures: [UInt32: PacketCapture] = [:]
  var reservations: PortReservations
  var rotation = PortRotation()
  var routes = RouteCache()
  let identities: IdentityAllocator
  var series: [SeriesID: ActiveSeries] = [:]
  var waitingForPort: Set<SeriesID> = []
  /// What concerns every series: each is told with its next event.
  var shared = SharedReports()
  /// When each series is to be looked at.
  var agenda = Agenda<SeriesID>()
  let ditherSeed = UInt64.random(in: .min ... .max)
  var backoff = SendBackoff()
  var stalls = StallWatch(at: SystemClock.now())
  var parseErrors: [WireError: UInt64] = [:]
  /// Commands that are still to be done.
  private var commands = FirstInFirstOut<LoopCommand>()
  var isStopping = false
  /// Since when nothing has been asked for.
  private var idleSince: MonotonicInstant? = SystemClock.now()

  /// After so long a time without a series the source ports are given back: by then no target holds a connection to one.
  private static let quietTime = Duration.seconds(60)

  /// Opens the sockets and reserves the first port, on the caller's thread.
  /// - Throws: `SystemError`; without CAP_NET_RAW its `isMissingCapability` holds.
  init(
    syn options: ProberConfiguration, mailbox: Mailbox<LoopCommand>
  ) throws(SystemError) {
    let former = Privilege.raise()
    defer { Privilege.restore(former) }
    var generator = SystemRandomNumberGenerator()
    var reservations =
      switch options.sourcePorts {
      case .rotating: PortReservations()
      case .fixed(let port): try PortReservations(fixed: port)
      case .counting(let first): PortReservations(countingFrom: first)
      }
    let v4 = try RawSocket(.v4, ports: reservations.block, options: options)
    let v6: RawSocket?
    do throws(SystemError) {
      v6 = try RawSocket(.v6, ports: reservations.block, options: options)
    } catch {
      v6 = nil  // A host without IPv6: a probe to such a target is blocked.
    }
    try PacketCapture.check()
    var rotation = PortRotation()
    guard let port = options.sourcePorts.fixedPort ?? reservations.reserve() else {
      let block = reservations.block
      throw .system(
        errno: reservations.refusal, operation: .reservePort, subject: "in \(block.lowerBound)-\(block.upperBound)")
    }
    rotation.add(port)
    self.options = options
    self.mailbox = mailbox
    self.reservations = reservations
    self.rotation = rotation
    socketV4 = consume v4
    socketV6 = consume v6
    identities = IdentityAllocator(key: (generator.next(), generator.next()))
    engine = ProbeEngine(at: SystemClock.now())
  }

  /// Prepares to probe by connect(2), which needs no privilege.
  /// - Throws: `SystemError` where an option is not permitted.
  init(connect options: ProberConfiguration, mailbox: Mailbox<LoopCommand>) throws(SystemError) {
    let opened = try Connector(options)
    self.options = options
    self.mailbox = mailbox
    connector = consume opened
    reservations = PortReservations()
    identities = IdentityAllocator(key: (0, 0))
    engine = ProbeEngine(at: SystemClock.now())
  }

  /// Runs until `stop` is asked for.
  consuming func run() {
    while !isStopping {
      takeCommands()
      drain()
      if stalls.isStalled(drainedAt: SystemClock.now()) { engine.stalled() }
      if let reading = SystemClock.reading() { engine.clocksRead(reading) }
      advance()
      visitDue()
      giveBackWhenQuiet()
      if !isStopping { wait() }
    }
  }

  /// So many commands are done in one turn at most: what comes back of the probes does not wait for ten thousand starts.
  private static let mostCommands = 256

  private mutating func takeCommands() {
    for command in mailbox.takeAll() { commands.append(command) }
    var cancelled: Set<SeriesID> = []
    for _ in 0..<ProbeLoop.mostCommands {
      guard let command = commands.popFirst() else { break }
      switch command {
      case .start(let id, let plan, let handler): start(id, plan, handler)
      case .cancel(let id): cancelled.insert(id)
      case .snapshot(let handler): handler(snapshot())
      case .stop: isStopping = true
      }
    }
    cancel(isStopping ? Set(series.keys) : cancelled)
  }

  /// Gives the source ports back after a quiet minute, and what was learned of the targets with them.
  private mutating func giveBackWhenQuiet() {
    guard series.isEmpty else {
      idleSince = nil
      return
    }
    let now = SystemClock.now()
    let since = idleSince ?? now
    idleSince = since
    guard rotation.count > 0, options.sourcePorts == .rotating, now.since(since) >= ProbeLoop.quietTime else { return }
    rotation = PortRotation()
    reservations.giveBack()
    routes.clear()
    Process.trimMemory()
  }

  private func snapshot() -> LoopSnapshot {
    var snapshot = LoopSnapshot()
    snapshot.counters = engine.counters
    snapshot.parseErrors = parseErrors
    snapshot.inFlight = engine.inFlight
    snapshot.series = series.count
    snapshot.ports = rotation.count
    return snapshot
  }

  /// Hands everything that the kernel holds to the engine, before any deadline is judged.
  ///
  /// The order is against the packets' way: whatever led to a delivered reply (its arrival, and before that the
  /// stamps of its SYN) was there earlier, so it is found when its turn comes.
  mutating func drain() {
    noteFill()
    drainDeliveries()
    drainCaptures()
    drainEvents()
    drainConnections()
  }

  /// Lets the engine judge what is due, and does what it asks for.
  private mutating func advance() {
    if let deadline = engine.nextDeadline(), deadline <= SystemClock.now() {
      countDrops()
      findSilentNeighbours()
    }
    engine.advance(to: SystemClock.now())
    performActions()
  }

  private mutating func wait() {
    var moments = [agenda.next().map { max($0, backoff.until ?? $0) }, engine.nextDeadline()].compactMap { $0 }
    if rotation.count > 0, options.sourcePorts == .rotating, let idleSince {
      moments.append(idleSince.advanced(by: ProbeLoop.quietTime))
    }
    var descriptors = [mailbox.descriptor]
    if let fd = socketV4?.rawValue { descriptors.append(fd) }
    if let fd = socketV6?.rawValue { descriptors.append(fd) }
    if let fd = connector?.descriptor { descriptors.append(fd) }
    descriptors += captures.values.map(\.descriptor)
    let began = SystemClock.now()
    if connector?.isImmediate == true || !commands.isEmpty { moments = [began] }
    // A moment that has passed is work in hand, and no sleep too long.
    let planned = moments.min().map { max($0, began) }
    Waiting.wait(for: descriptors, until: planned)
    if stalls.woke(at: SystemClock.now(), planned: planned) { engine.stalled() }
  }
}
