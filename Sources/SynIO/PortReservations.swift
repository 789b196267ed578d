internal import CSyn
internal import Glibc

/// Source ports that the kernel keeps for this prober, taken one by one out of a block that the filters let in.
struct PortReservations: ~Copyable {
  /// The block; most of its ports are reserved only when a probe needs them.
  let block: ClosedRange<UInt16>
  private var untried: [UInt16]
  private var descriptors: [Int32] = []

  private static let blockSize = 4096
  /// Above the usual range of automatic ports (32768...60999), where hardly a service listens.
  private static let preferred: ClosedRange<UInt16> = 61_000...65_095

  /// A block at the top of the port range, tried in an order that starts at `random`.
  init(random: Int) {
    block = PortReservations.preferred
    let ports = Array(block)
    let start = random % ports.count
    untried = Array((ports[start...] + ports[..<start]).reversed())
  }

  /// The one port that the user fixed.
  /// - Throws: `SynIOError.system` when it is taken.
  init(fixed port: UInt16) throws(SynIOError) {
    let descriptor = try check(csyn_port_reserve(port), .reservePort, "\(port)")
    block = port...port
    untried = []
    descriptors = [descriptor]
  }

  deinit {
    for descriptor in descriptors { close(descriptor) }
  }

  /// Reserves one more port; nil when the block or this process's descriptors are used up.
  mutating func reserve() -> UInt16? {
    while let port = untried.popLast() {
      let descriptor = csyn_port_reserve(port)
      if descriptor >= 0 {
        descriptors.append(descriptor)
        return port
      }
      guard -descriptor == EADDRINUSE else { return nil }
    }
    return nil
  }
}
