package import NIOCore

/// Lets the service outlive an accept(2) that fails, as it does when there are no descriptors left.
///
/// Otherwise the error ends the sequence of connections, and with it the service. The next try waits a moment, for the
/// connection that was not accepted is still there.
package final class AcceptErrors: ChannelDuplexHandler {
  package typealias InboundIn = any Channel
  package typealias OutboundIn = Never

  private static let pause = TimeAmount.milliseconds(100)
  /// What lasts is told again.
  private static let silence = TimeAmount.seconds(10)
  private let report: @Sendable (Int32) -> Void
  private var isPaused = false
  private var isPolling = true
  private var reported: NIODeadline?

  package init(_ report: @escaping @Sendable (Int32) -> Void) {
    self.report = report
  }

  package func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard let failure = error as? IOError else { return context.fireErrorCaught(error) }
    let now = NIODeadline.now()
    if reported.map({ now >= $0 + AcceptErrors.silence }) ?? true {
      reported = now
      report(failure.errnoCode)
    }
    guard !isPaused else { return }
    isPaused = true
    poll(false, context)
    context.eventLoop.assumeIsolated().scheduleTask(in: AcceptErrors.pause) {
      self.isPaused = false
      // Whoever holds reads back, as the limit of connections does, is asked first.
      context.channel.pipeline.syncOperations.read()
    }
  }

  package func read(context: ChannelHandlerContext) {
    if isPaused { return }
    if isPolling { context.read() } else { poll(true, context) }
  }

  /// The end of autoRead, which NIO takes off its poll set, or its start, which is a read.
  ///
  /// To hold back `read` does not suffice: after an error one is still due for NIO, which would go on asking what is
  /// readable, and be told so at once, over and over.
  private func poll(_ isOn: Bool, _ context: ChannelHandlerContext) {
    isPolling = isOn
    try? context.channel.syncOptions?.setOption(.autoRead, value: isOn)
  }
}
