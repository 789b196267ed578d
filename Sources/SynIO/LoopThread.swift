internal import CSyn
internal import Glibc
package import SynCore
package import SynSystem

/// Hands a value that cannot be copied to another thread, once.
///
/// The only `@unchecked Sendable` of the package: an escaping closure cannot consume what it captures. The value is
/// written before the thread starts and taken by it alone.
private final class Box<Value: ~Copyable>: @unchecked Sendable {
  private var value: Value?

  init(_ value: consuming Value) {
    self.value = consume value
  }

  func take() -> Value? {
    let taken = value.take()
    return taken
  }
}

/// The loop on its own thread, in which every signal is blocked.
package final class LoopThread: Sendable {
  private let mailbox: Mailbox<LoopCommand>
  private let thread: pthread_t
  /// Why the kernel cannot be asked why it drops packets, where it was to be.
  package let traceAbsence: TraceAbsence?

  /// Opens the sockets on this thread, then starts the loop's.
  /// - Parameters:
  ///   - mode: How it probes.
  ///   - options: How it probes, in detail.
  ///   - proof: In mode `syn`, whether captures are possible.
  /// - Throws: `SystemError` as `Transport.init`.
  package init(
    _ mode: ProbeMode = .syn, options: ProberConfiguration, proof: CaptureProof = .anywhere
  ) throws(SystemError) {
    let mailbox = try Mailbox<LoopCommand>()
    let transport = try LoopThread.transport(mode, options, proof)
    traceAbsence = transport.traceAbsence
    let box = Box(ProbeLoop(transport, mailbox: mailbox))
    self.mailbox = mailbox
    thread = try startThread(keeping: mode.capabilities(for: options), isAtWork: true) { box.take()?.run() }
  }

  private static func transport(
    _ mode: ProbeMode, _ options: ProberConfiguration, _ proof: CaptureProof
  ) throws(SystemError) -> Transport {
    if mode == .connect { return try Transport(connect: options) }
    var transport = try Transport(syn: options)
    try transport.prove(proof)
    return transport
  }

  deinit {
    mailbox.put(.stop)
    // A handler may hold the last reference: a thread cannot join itself, and one that nobody joins keeps its stack.
    if pthread_equal(thread, pthread_self()) != 0 { pthread_detach(thread) } else { _ = csyn_work_join(thread) }
  }

  /// Starts a series; its events reach `handler` on the loop's thread, which must not wait.
  package func start(_ id: SeriesID, _ plan: SeriesPlan, handler: @escaping @Sendable (ProbeEvent) -> Void) {
    mailbox.put(.start(id, plan, handler: handler))
  }

  /// Ends a series: its waiting probes end as `cancelled`.
  package func cancel(_ id: SeriesID) {
    mailbox.put(.cancel(id))
  }

  /// Asks for the totals; they reach `handler` on the loop's thread, which must not wait.
  package func snapshot(_ handler: @escaping @Sendable (LoopSnapshot) -> Void) {
    mailbox.put(.snapshot(handler))
  }
}
