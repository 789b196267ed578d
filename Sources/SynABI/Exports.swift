internal import CSyn
public import CSynProbe
internal import SynCore
internal import SynProbe
internal import SynSystem

// The functions of synprobe.h, where they are documented. The compiler holds each to its declaration.
//
// Each is at work from its first instruction (csyn_work_begin): what Swift's run-time library does for the rest of it, which is
// why that is a function of its own, is no less than it a thing that a fork must not cut in two.

/// The version of the interface.
@c @implementation
public func synprobe_abi_version() -> UInt32 { UInt32(SYNPROBE_ABI_VERSION) }

/// What an error means.
@c @implementation
public func synprobe_strerror(_ error: Int32) -> UnsafePointer<CChar>! {
  csyn_work_begin()
  defer { csyn_work_end() }
  return ErrorCode.words(of: error)
}

/// Opens the sockets and starts the thread.
@c @implementation
public func synprobe_create(
  _ options: UnsafePointer<synprobe_options_t>!, _ handle: UnsafeMutablePointer<OpaquePointer?>!,
  _ message: UnsafeMutablePointer<CChar>!, _ capacity: Int
) -> Int32 {
  guard let handle else { return ErrorCode.invalid }
  handle.pointee = nil
  return answering(message, capacity) { () throws(ABIError) in
    let configuration = try ProberConfiguration(options)
    let opened: Handle
    do throws(ProberError) { opened = try Handle(configuration) } catch { throw ABIError(error) }
    if let message { CText.write(opened.note, to: message, capacity) }
    handle.pointee = OpaquePointer(Unmanaged.passRetained(opened).toOpaque())
    return 0
  }
}

/// Ends the series that run, and the thread.
@c @implementation
public func synprobe_destroy(_ handle: OpaquePointer!) {
  guard let handle else { return }
  csyn_work_begin()
  defer { csyn_work_end() }
  Handle.destroy(handle)
}

/// How it probes.
@c @implementation
public func synprobe_mode(_ handle: OpaquePointer!) -> Int32 {
  answering(nil, 0) { () throws(ABIError) in
    try Handle.engine(handle).prober.mode == .syn ? SYNPROBE_MODE_SYN : SYNPROBE_MODE_CONNECT
  }
}

/// Starts a series.
@c @implementation
public func synprobe_submit_ping(
  _ handle: OpaquePointer!, _ ping: UnsafePointer<synprobe_ping_t>!, _ message: UnsafeMutablePointer<CChar>!,
  _ capacity: Int
) -> Int64 {
  submitting(handle, message, capacity) { _ throws(ABIError) in
    let (plan, input) = try PingArguments.read(ping)
    return { prober throws(SystemError) in try Job(prober, ping: plan, input: input) }
  }
}

/// Starts a verification.
@c @implementation
public func synprobe_submit_verify(
  _ handle: OpaquePointer!, _ verify: UnsafePointer<synprobe_verify_t>!, _ message: UnsafeMutablePointer<CChar>!,
  _ capacity: Int
) -> Int64 {
  submitting(handle, message, capacity) { _ throws(ABIError) in
    let plan = try VerifyArguments.read(verify)
    return { prober throws(SystemError) in try Job(prober, verify: plan) }
  }
}

/// Starts an identification.
@c @implementation
public func synprobe_submit_identify(
  _ handle: OpaquePointer!, _ identify: UnsafePointer<synprobe_identify_t>!, _ message: UnsafeMutablePointer<CChar>!,
  _ capacity: Int
) -> Int64 {
  submitting(handle, message, capacity) { _ throws(ABIError) in
    let plan = try IdentifyArguments.read(identify)
    return { prober throws(SystemError) in try Job(prober, identify: plan) }
  }
}

/// Starts a trace.
@c @implementation
public func synprobe_submit_trace(
  _ handle: OpaquePointer!, _ trace: UnsafePointer<synprobe_trace_t>!, _ message: UnsafeMutablePointer<CChar>!,
  _ capacity: Int
) -> Int64 {
  submitting(handle, message, capacity) { engine throws(ABIError) in
    let (plan, measurement) = try TraceArguments.read(trace, on: engine)
    return { prober throws(SystemError) in try Job(prober, trace: plan, measurement) }
  }
}

/// Waits for a result, and takes it.
@c @implementation
public func synprobe_poll(
  _ handle: OpaquePointer!, _ ticket: Int64, _ timeout: Int64, _ buffer: UnsafeMutablePointer<CChar>!,
  _ capacity: Int, _ length: UnsafeMutablePointer<Int>!
) -> Int32 {
  answering(buffer, capacity) { () throws(ABIError) in
    let engine = try Handle.engine(handle)
    guard let job = engine.job(ticket) else { throw ABIError(ErrorCode.ticket, "") }
    let deadline = timeout < 0 ? nil : SystemClock.now().advanced(by: .nanoseconds(min(timeout, Limits.longestWait)))
    switch job.outcome(until: deadline) {
    case nil: return ErrorCode.again
    case .failed(let error):
      _ = engine.remove(ticket)
      throw ABIError(error)
    case .json(let json):
      length?.pointee = json.utf8.count
      guard let buffer, capacity > json.utf8.count else { return ErrorCode.space }
      CText.write(json, to: buffer, capacity)
      _ = engine.remove(ticket)
      return 0
    }
  }
}

/// Ends a series early.
@c @implementation
public func synprobe_cancel(_ handle: OpaquePointer!, _ ticket: Int64) -> Int32 {
  answering(nil, 0) { () throws(ABIError) in
    guard let job = try Handle.engine(handle).job(ticket) else { return ErrorCode.ticket }
    job.cancel()
    return 0
  }
}

/// Gives a ticket back without its result.
@c @implementation
public func synprobe_forget(_ handle: OpaquePointer!, _ ticket: Int64) -> Int32 {
  answering(nil, 0) { () throws(ABIError) in
    guard let job = try Handle.engine(handle).remove(ticket) else { return ErrorCode.ticket }
    job.cancel()
    return 0
  }
}

/// Starts the job that the arguments ask for; its ticket.
private func submitting(
  _ handle: OpaquePointer?, _ message: UnsafeMutablePointer<CChar>?, _ capacity: Int,
  _ read: (Engine) throws(ABIError) -> (Prober) throws(SystemError) -> Job
) -> Int64 {
  answering(message, capacity) { () throws(ABIError) in
    let engine = try Handle.engine(handle)
    let job = try read(engine)
    do throws(SystemError) { return engine.add(try job(engine.prober)) } catch {
      throw ABIError(ErrorCode.system, "\(error)")
    }
  }
}

/// Runs a function's body at work; what it throws becomes the error code that is returned, and the message.
@inline(__always)
private func answering<Value: SignedInteger>(
  _ message: UnsafeMutablePointer<CChar>?, _ capacity: Int, _ body: () throws(ABIError) -> Value
) -> Value {
  csyn_work_begin()
  defer { csyn_work_end() }
  return answer(message, capacity, body)
}

@inline(never)
private func answer<Value: SignedInteger>(
  _ message: UnsafeMutablePointer<CChar>?, _ capacity: Int, _ body: () throws(ABIError) -> Value
) -> Value {
  do throws(ABIError) { return try body() } catch {
    if let message { CText.write(error.message, to: message, capacity) }
    return Value(error.code)
  }
}

extension Handle {
  /// Ends what is behind a handle of C.
  @inline(never)
  fileprivate static func destroy(_ handle: OpaquePointer) {
    let owned = Unmanaged<Handle>.fromOpaque(UnsafeRawPointer(handle))
    owned.takeUnretainedValue().end()
    owned.release()
  }

  /// The engine behind a handle of C.
  fileprivate static func engine(_ handle: OpaquePointer?) throws(ABIError) -> Engine {
    guard let handle else { throw ABIError(ErrorCode.invalid, "the handle is NULL") }
    let known = Unmanaged<Handle>.fromOpaque(UnsafeRawPointer(handle)).takeUnretainedValue()
    do throws(ProberError) { return try known.engine() } catch { throw ABIError(error) }
  }
}
