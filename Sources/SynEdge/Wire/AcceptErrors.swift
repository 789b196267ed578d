package import NIOCore

/// Lets the service outlive an accept(2) that fails, as it does when there are no descriptors left.
///
/// Otherwise the error ends the sequence of connections, and with it the service. The next try waits a moment, for the
/// connection that was not accepted is still there.
package final class AcceptErrors: ChannelDuplexHandler {
  package typealias InboundIn = any Channel
  package typealias OutboundIn = Never

  private static let pause = TimeAmount.milliseconds(100)
  private let report: @Sendable (Int32) -> Void
  private var isPaused = false

  package init(_ report: @escaping @Sendable (Int32) -> Void) {
    self.report = report
  }

  package func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard let failure = error as? IOError else { return context.fireErrorCaught(error) }
    report(failure.errnoCode)
    guard !isPaused else { return }
    isPaused = true
    context.eventLoop.assumeIsolated().scheduleTask(in: AcceptErrors.pause) {
      self.isPaused = false
      context.read()
    }
  }

  package func read(context: ChannelHandlerContext) {
    if !isPaused { context.read() }
  }
}
