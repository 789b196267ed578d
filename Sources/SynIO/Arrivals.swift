internal import SynCore
internal import SynWire

/// Takes what a transport finds: when a SYN left, what arrived, what the kernel stamped, and what this host lost of its own.
protocol Arrivals: ~Copyable {
  /// The newest probe that was sent.
  var newestID: ProbeID? { get }
  mutating func captured(_ frame: Frame, at time: KernelTimestamp, on device: UInt32)
  mutating func delivered(_ segment: TCPSegment, at time: KernelTimestamp?)
  mutating func delivered(_ error: ICMPError, at time: KernelTimestamp?)
  mutating func stamped(_ id: ProbeID, _ stamp: TransmitStamp, at time: KernelTimestamp)
  mutating func attempted(_ id: ProbeID, _ attempt: ConnectionAttempt)
  mutating func transmitted(_ id: ProbeID, from began: KernelTimestamp, to ended: KernelTimestamp)
  mutating func sendFailed(_ id: ProbeID, _ failure: SendFailure)
  mutating func dropped(_ packet: DroppedPacket)
  mutating func saw(_ packet: SeenPacket, of id: ProbeID)
  mutating func saw(_ packet: SeenPacket, _ frame: Frame)
  mutating func captureInterrupted()
  mutating func captureDropped(_ count: UInt64)
}

extension ProbeEngine: Arrivals {}
