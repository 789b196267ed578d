/// What the target's clock told in its answer to one probe (TSval of the SYN-ACK, RFC 7323).
public struct ClockReading: Hashable, Sendable {
  /// The probe's source port: since Linux 4.10 the clock that a target shows has an offset for each pair of endpoints.
  public var port: UInt16
  /// When the SYN was handed to the device, nanoseconds on a clock of this host that nobody steps.
  public var sent: Int64
  /// When the answer reached the device, on the same clock.
  public var received: Int64
  /// The target's clock, in its own ticks.
  public var ticks: UInt32

  /// Joins the fields.
  public init(port: UInt16, sent: Int64, received: Int64, ticks: UInt32) {
    self.port = port
    self.sent = sent
    self.received = received
    self.ticks = ticks
  }

  /// Time in the network.
  var roundTrip: Int64 { received - sent }
}
