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
  private let mailbox: Mailbox<LoopCommand>
  private var workload: SeriesWorkload
  private var stalls = StallWatch(at: SystemClock.now())
  private var waiting: Waiting
  /// Commands that are still to be done.
  private var commands = FirstInFirstOut<LoopCommand>()
  private var isStopping = false
  /// Since when nothing has been asked for.
  private var idleSince: MonotonicInstant? = SystemClock.now()

  /// After so long a time without a series the source ports are given back: by then no target holds a connection to one.
  private static let quietTime = Duration.seconds(60)
  /// So many commands are done in one turn at most: what comes back of the probes does not wait for ten thousand starts.
  private static let mostCommands = 256

  /// Drives probes over a transport; `mailbox` brings what is asked for.
  init(_ transport: consuming Transport, mailbox: Mailbox<LoopCommand>) {
    self.mailbox = mailbox
    workload = SeriesWorkload(transport)
    waiting = Waiting(for: [])
  }

  /// Runs until `stop` is asked for, on a thread that is at work: this process is forked only while it waits.
  consuming func run() {
    waiting = Waiting(for: [mailbox.descriptor] + workload.transport.descriptors)
    while !isStopping {
      if waiting.isReady(0) { for command in mailbox.takeAll() { commands.append(command) } }
      let ready = workload.transport.readiness(in: waiting, from: 1)
      // What a command does may take its time: what has come since is not what the wait found.
      workload.turn(doCommands() ? .unknown : ready, stalls)
      giveBackWhenQuiet()
      if !isStopping { wait() }
    }
    if workload.transport.options.endsWithProcess { workload.transport.leave() }
  }

  /// Whether there were any.
  private mutating func doCommands() -> Bool {
    let isBusy = !commands.isEmpty
    var cancelled: Set<SeriesID> = []
    for _ in 0..<ProbeLoop.mostCommands {
      guard let command = commands.popFirst() else { break }
      switch command {
      case .start(let id, let plan, let handler): workload.start(id, plan, handler)
      case .cancel(let id): cancelled.insert(id)
      case .snapshot(let handler): handler(workload.snapshot())
      case .stop: isStopping = true
      }
    }
    workload.cancel(isStopping ? Set(workload.series.keys) : cancelled)
    return isBusy
  }

  /// Gives the source ports back after a quiet minute.
  private mutating func giveBackWhenQuiet() {
    guard workload.isIdle else {
      idleSince = nil
      return
    }
    let now = SystemClock.now()
    let since = idleSince ?? now
    idleSince = since
    if workload.transport.keepsPorts, now.since(since) >= ProbeLoop.quietTime { workload.transport.giveBack() }
  }

  private mutating func wait() {
    var moments = [workload.nextMoment()].compactMap { $0 }
    if workload.transport.keepsPorts, let idleSince { moments.append(idleSince.advanced(by: ProbeLoop.quietTime)) }
    if workload.transport.hasNewDescriptors {
      waiting = Waiting(for: [mailbox.descriptor] + workload.transport.descriptors)
    }
    let began = SystemClock.now()
    if workload.transport.connector?.isImmediate == true || !commands.isEmpty { moments = [began] }
    // A moment that has passed is work in hand, and no sleep too long.
    let planned = moments.min().map { max($0, began) }
    waiting.wait(until: planned)
    if stalls.woke(at: SystemClock.now(), planned: planned) { workload.engine.stalled() }
  }
}
