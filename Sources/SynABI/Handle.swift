internal import Glibc
internal import SynCore
internal import SynProbe
internal import Synchronization

/// What a `synprobe_t *` points to: the engine of this process, made anew after a fork.
///
/// In a child, the probing thread of the parent is not there, and a lock that another thread held stays locked for ever:
/// nothing of the parent's engine is touched again, not even to free it.
final class Handle: Sendable {
  private let configuration: ProberConfiguration
  private let current: Atomic<Unmanaged<Engine>>
  /// What the caller is to know though all is well; empty for nothing.
  let note: String

  /// - Throws: `ProberError` where there can be no engine.
  init(_ configuration: ProberConfiguration) throws(ProberError) {
    self.configuration = configuration
    let prober = try Prober(configuration, proof: .permission)
    note = prober.whyAbsence.map { "why is left out: \($0)" } ?? ""
    current = Atomic(Unmanaged.passRetained(Engine(prober, configuration)))
  }

  /// The engine of the calling process.
  /// - Throws: `ProberError` where a child cannot have one.
  func engine() throws(ProberError) -> Engine {
    let known = current.load(ordering: .acquiring)
    if known.takeUnretainedValue().process == getpid() { return known.takeUnretainedValue() }
    let fresh = Unmanaged.passRetained(Engine(try Prober(configuration, proof: .permission), configuration))
    let (isFirst, other) = current.compareExchange(expected: known, desired: fresh, ordering: .acquiringAndReleasing)
    if isFirst { return fresh.takeUnretainedValue() }
    fresh.release()  // Another thread of the child was first.
    return other.takeUnretainedValue()
  }

  /// Ends the engine, unless it is of another process.
  func end() {
    let known = current.load(ordering: .acquiring)
    if known.takeUnretainedValue().process == getpid() { known.release() }
  }
}

/// A prober and the tickets of what it was asked for.
final class Engine: Sendable {
  let prober: Prober
  /// What it was made with.
  let configuration: ProberConfiguration
  /// The process whose it is.
  let process = getpid()

  private struct Contents {
    var jobs: [Int64: Job] = [:]
    var next: Int64 = 0
  }

  private let contents = Mutex(Contents())

  init(_ prober: Prober, _ configuration: ProberConfiguration) {
    self.prober = prober
    self.configuration = configuration
  }

  /// Keeps a job; its ticket.
  func add(_ job: Job) -> Int64 {
    contents.withLock { contents in
      defer { contents.next += 1 }
      contents.jobs[contents.next] = job
      return contents.next
    }
  }

  func job(_ ticket: Int64) -> Job? { contents.withLock { $0.jobs[ticket] } }

  func remove(_ ticket: Int64) -> Job? { contents.withLock { $0.jobs.removeValue(forKey: ticket) } }
}
