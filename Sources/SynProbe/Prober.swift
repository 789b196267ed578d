public import SynCore
internal import SynIO
internal import SynSystem
public import SynWire
internal import Synchronization

/// Measures TCP handshake latency with raw SYN segments.
///
/// Safe to use from any thread.
///
/// One thread of its own does all the work, with every signal blocked; it ends with the last reference to the prober.
public final class Prober: Sendable {
  /// How it probes: `syn` or `connect`.
  public let mode: ProbeMode
  /// In mode `connect` that was chosen by `auto`: why it is not `syn`.
  public let fallbackReason: ProberError?
  /// Why the kernel cannot be asked why it drops packets, and what to do about it, where `tellsWhy` asks for that; nil
  /// where it can.
  public var whyAbsence: String? { loop.traceAbsence.map { "\($0)" } }
  private let loop: LoopThread
  private let nextSeries = Mutex<UInt64>(0)

  /// Opens the sockets and starts the thread.
  /// - Parameters:
  ///   - configuration: How it probes.
  ///   - first: The first target, where it is known: the first probe leaves some 20 ms sooner.
  /// - Throws: `ProberError`, with the code `.notPermitted` where CAP_NET_RAW is missing.
  public init(
    _ configuration: ProberConfiguration = ProberConfiguration(), toward first: Endpoint? = nil
  ) throws(ProberError) {
    let proof = first.map { CaptureProof.toward($0) } ?? .anywhere
    (loop, mode, fallbackReason) = try Prober.open(configuration, proof)
  }

  /// The same, where it is said how it is found out whether captures are possible.
  package init(_ configuration: ProberConfiguration, proof: CaptureProof) throws(ProberError) {
    (loop, mode, fallbackReason) = try Prober.open(configuration, proof)
  }

  private static func open(
    _ configuration: ProberConfiguration, _ proof: CaptureProof
  ) throws(ProberError) -> (LoopThread, ProbeMode, ProberError?) {
    var reason: ProberError?
    if configuration.mode != .connect {
      do throws(SystemError) {
        return (try LoopThread(.syn, options: configuration, proof: proof), .syn, nil)
      } catch {
        reason = ProberError(error)
        guard configuration.mode == nil, error.leavesConnect else { throw ProberError(error) }
      }
    }
    do throws(SystemError) {
      return (try LoopThread(.connect, options: configuration), .connect, reason)
    } catch {
      throw ProberError(error)
    }
  }

  /// So many events wait at most for a reader that is slower than the probes.
  public static let mostWaitingEvents = 65_536

  /// Probes a target; the sequence ends by itself after the last probe, and leaving it early cancels what waits.
  ///
  /// A reader that falls `mostWaitingEvents` behind gets those, and no `ended`: the series is cancelled, since results
  /// that are left out would make what is counted untrue.
  /// - Parameters:
  ///   - target: An address and a port.
  ///   - count: How many probes; nil for no end.
  ///   - interval: Time between the starts of two probes.
  ///   - timeout: How long an answer counts.
  /// - Returns: `started`, then probes and reports as they come, then `ended`.
  public func events(
    of target: Endpoint, count: Int? = 5, interval: Duration = .milliseconds(200), timeout: Duration = .seconds(2)
  ) -> AsyncStream<ProbeEvent> {
    let plan = SeriesPlan(target: target, count: count, interval: interval, timeout: timeout)
    return events(of: plan, mostWaiting: Prober.mostWaitingEvents)
  }

  /// The events of a series for a reader that may fall so far behind.
  package func events(of plan: SeriesPlan, mostWaiting: Int) -> AsyncStream<ProbeEvent> {
    AsyncStream(bufferingPolicy: .bufferingOldest(mostWaiting)) { continuation in
      let series = start(plan) { event in
        if case .dropped = continuation.yield(event) { return continuation.finish() }
        if case .ended = event { continuation.finish() }
      }
      continuation.onTermination = { [loop] _ in loop.cancel(series) }
    }
  }

  /// Starts a series whose events reach `handler` on the prober's thread, which must not wait.
  package func start(_ plan: SeriesPlan, handler: @escaping @Sendable (ProbeEvent) -> Void) -> SeriesID {
    let id = nextSeries.withLock { next in
      defer { next &+= 1 }
      return SeriesID(next)
    }
    loop.start(id, plan, handler: handler)
    return id
  }

  /// The totals over the prober's life.
  package func snapshot() async -> LoopSnapshot {
    await withCheckedContinuation { continuation in
      loop.snapshot { continuation.resume(returning: $0) }
    }
  }

  /// Ends a series: its waiting probes end as `cancelled`.
  package func cancel(_ series: SeriesID) {
    loop.cancel(series)
  }
}
