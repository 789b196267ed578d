internal import CSyn
internal import SynCore
internal import SynSystem
internal import SynWire

/// Asks this host's kernel which TCP packets of some ports it drops, and why: a BPF program at its tracepoint `kfree_skb`.
///
/// It sees every network namespace of the host.
struct DropTracer: ~Copyable {
  private let trace: OpaquePointer
  private let symbols: KernelSymbols
  private var room = [csyn_drop](repeating: csyn_drop(), count: 256)

  /// Loads the program; the capabilities that it takes are raised for that alone.
  init(ports: ClosedRange<UInt16>) throws(TraceAbsence) {
    let former = Privilege.raise(.tracing)
    defer { Privilege.restore(former) }
    var opened: OpaquePointer?
    var errno: Int32 = 0
    let absence = csyn_trace_open(ports.lowerBound, ports.upperBound, &opened, &errno)
    guard let trace = opened else { throw TraceAbsence(absence, errno: errno) ?? .refused(errno: errno) }
    self.trace = trace
    symbols = KernelSymbols()
  }

  deinit { csyn_trace_close(trace) }

  /// So often its room is filled in one go: of a flood the rest waits, and what has no room in the kernel is not told.
  private static let mostRounds = 4

  /// Takes what was dropped since the last time.
  mutating func drain(_ body: (DroppedPacket) -> Void) {
    for _ in 0..<DropTracer.mostRounds {
      let count = room.withUnsafeMutableBufferPointer { buffer in
        buffer.baseAddress.map { csyn_trace_take(trace, $0, buffer.count) } ?? 0
      }
      for drop in room.prefix(count) { body(packet(drop)) }
      if count < room.count { return }
    }
  }

  private func packet(_ drop: csyn_drop) -> DroppedPacket {
    let name = csyn_trace_reason(trace, drop.reason).map { String(cString: $0) } ?? "reason \(drop.reason)"
    return DroppedPacket(
      from: drop.source_port, to: drop.destination_port, sequence: SequenceNumber(drop.sequence),
      acknowledgement: SequenceNumber(drop.acknowledgement), flags: TCPFlags(rawValue: drop.flags),
      reason: DropReason(name, in: symbols.function(at: drop.location)))
  }
}
