internal import SynCore
internal import SynSystem
internal import Synchronization

/// Asynchronous work for which this thread waits.
///
/// The program's own `main` is not asynchronous: that would end in dispatch_main(), which on Linux leaves the first
/// thread in a sigsuspend(2) that blocks no signal. SIGTERM would end the process there, whatever the other threads block.
enum Blocking {
  /// The time was up first; the work goes on for as long as the process does.
  struct TimedOut: Error, CustomStringConvertible {
    var description: String { "no answer in time" }
  }

  /// Runs `body` on the threads of Swift's concurrency, and returns when it has.
  /// - Throws: What it throws, or `TimedOut`.
  static func run<Value: Sendable>(
    until deadline: MonotonicInstant? = nil, _ body: @escaping @Sendable () async throws -> Value
  ) throws -> Value {
    let result = Pending<Value>(ended: try WakeDescriptor())
    Task {
      do { result.end(.success(try await body())) } catch { result.end(.failure(error)) }
    }
    return try result.wait(until: deadline).get()
  }

  private final class Pending<Value: Sendable>: Sendable {
    private let ended: WakeDescriptor
    private let result = Mutex<Result<Value, any Error>?>(nil)

    init(ended: consuming WakeDescriptor) { self.ended = ended }

    func end(_ result: Result<Value, any Error>) {
      self.result.withLock { $0 = result }
      ended.signal()
    }

    func wait(until deadline: MonotonicInstant?) -> Result<Value, any Error> {
      while true {
        if let result = result.withLock({ $0 }) { return result }
        if let deadline, SystemClock.now() >= deadline { return .failure(TimedOut()) }
        Waiting.wait(for: [ended.rawValue], until: deadline)
      }
    }
  }
}
