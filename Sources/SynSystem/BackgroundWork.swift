internal import Synchronization

/// Work on a thread of its own whose result is waited for on a descriptor: for calls that cannot be hurried or cancelled.
///
/// The thread keeps it alive, and outlives a caller who has lost patience.
final class BackgroundWork<Value: Sendable>: Sendable {
  private let outcome = Mutex<Value?>(nil)
  private let ended: WakeDescriptor

  /// Starts the work.
  init(_ work: @escaping @Sendable () -> Value) throws(SystemError) {
    ended = try WakeDescriptor()
    try WorkerThread.start { [self] in
      let value = work()
      outcome.withLock { $0 = value }
      ended.signal()
    }
  }

  /// Readable once there is a result.
  var descriptor: Int32 { ended.rawValue }

  /// What came of it; nil while it is not known.
  var result: Value? { outcome.withLock { $0 } }
}
