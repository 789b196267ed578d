internal import CSyn
package import Glibc

/// A thread that runs beside its starter until its work is done; nobody waits for it.
package enum WorkerThread {
  /// Starts it; it may open no socket that needs a capability, and all signals are blocked in it.
  package static func start(_ body: @escaping @Sendable () -> Void) throws(SystemError) {
    pthread_detach(try startThread(keeping: [], body))
  }
}

/// Runs `body` on a new thread in which all signals are blocked; the mask is set before it starts, so none slips in.
///
/// No capability is in force in it, and none but `kept` can be raised. Where it is at work from its start to its end, this process is
/// forked only while it waits (`csyn_work_begin`).
package func startThread(
  keeping kept: Privilege.Set, isAtWork: Bool = false, _ body: @escaping @Sendable () -> Void
) throws(SystemError) -> pthread_t {
  var saved = [UInt8](repeating: 0, count: Int(CSYN_SIGNAL_MASK))
  _ = try check(csyn_signals_block_all(&saved, saved.count), .startThread, "(signal mask)")
  defer { csyn_signals_restore(saved, saved.count) }
  final class Body: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }
  var thread = pthread_t()
  let confined: @Sendable () -> Void = {
    Privilege.confine(to: kept)
    body()
  }
  let argument = Unmanaged.passRetained(Body(confined)).toOpaque()
  let entry: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { argument in
    guard let argument else { return nil }
    Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
    return nil
  }
  let entryAtWork: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { argument in
    csyn_work_begin()
    defer { csyn_work_end() }
    guard let argument else { return nil }
    Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
    return nil
  }
  let result = pthread_create(&thread, nil, isAtWork ? entryAtWork : entry, argument)
  guard result == 0 else {
    Unmanaged<Body>.fromOpaque(argument).release()
    throw .system(errno: result, operation: .startThread, subject: "(pthread_create)")
  }
  return thread
}
