internal import NIOCore

/// One deadline that moves often and passes seldom: a timer is set anew only when it has fired too early.
final class ConnectionDeadline {
  private var moment: NIODeadline?
  private var timer: Scheduled<Void>?
  private var timerMoment = NIODeadline.distantFuture
  private var body: (() -> Void)?

  /// Runs `body` on the event loop after this time, unless the deadline is moved or taken back before.
  func arm(_ time: TimeAmount, on loop: any EventLoop, _ body: @escaping () -> Void) {
    let moment = NIODeadline.now() + time
    self.moment = moment
    self.body = body
    if moment < timerMoment { schedule(moment, on: loop) }
  }

  /// Takes the deadline back.
  func disarm() { moment = nil }

  /// Takes it back for good.
  func stop() {
    moment = nil
    body = nil
    timer?.cancel()
  }

  private func schedule(_ at: NIODeadline, on loop: any EventLoop) {
    timer?.cancel()
    timerMoment = at
    timer = loop.assumeIsolated().scheduleTask(deadline: at) { self.fired(on: loop) }
  }

  private func fired(on loop: any EventLoop) {
    timerMoment = .distantFuture
    guard let moment else { return }
    if moment <= .now() {
      self.moment = nil
      body?()
    } else {
      schedule(moment, on: loop)
    }
  }
}
