internal import CSyn
internal import Glibc
internal import SynCore
internal import SynSystem

/// Source ports that the kernel keeps for this prober, taken one by one out of a block that the filters let in.
struct PortReservations: ~Copyable {
  /// The block; most of its ports are reserved only when a probe needs them.
  let block: ClosedRange<UInt16>
  private var untried: [UInt16]
  private var descriptors: [UInt16: Int32] = [:]
  /// Why the last port could not be reserved.
  private(set) var refusal = EADDRINUSE
  /// Of what this process may open at most half, the rest is for its other work; and of the block at most a quarter, the
  /// rest is for other probers on this host.
  private let most = PortReservations.most
  /// As many are reserved before one is used again.
  let fewest: Int

  private static var most: Int { min(max(Process.descriptorLimit / 2, 16), preferred.count / 4) }

  /// Above the usual range of automatic ports (32768...60999), where hardly a service listens.
  private static let preferred: ClosedRange<UInt16> = 61_000...65_095

  /// A block at the top of the port range, tried in an order of chance: what an earlier process left over at a target lies
  /// scattered among the ports of this one.
  init(preferring ports: [UInt16] = []) {
    block = PortReservations.preferred
    let known = Set(ports)
    let first = ports.filter(block.contains).prefix(PortReservations.most)
    untried = PortReservations.inOrderOfChance(block).filter { !known.contains($0) } + first.reversed()
    fewest = max(16, first.count)  // So that load balancers spread the probes.
  }

  /// The ports from `first` on, in their order.
  init(countingFrom first: UInt16) {
    let last = min(Int(first) + PortReservations.preferred.count - 1, Int(UInt16.max))
    block = first...UInt16(last)
    untried = block.reversed()
    fewest = PortReservations.most
  }

  /// Rows are looked for here first: the ports of a prober that takes them one by one leave none long.
  private static let rows: ClosedRange<UInt16> = 65_096...65_535

  /// So many ports in a row, from a place of chance on; fewer where there are not so many.
  /// - Throws: `SystemError.system` when there is none.
  init(row most: Int) throws(SystemError) {
    var refusal = EADDRINUSE
    var count = most
    while count > 0 {
      for range in [PortReservations.rows, PortReservations.preferred] {
        guard let row = PortReservations.row(of: count, in: range, &refusal), let lowest = row.keys.min() else {
          continue
        }
        block = lowest...lowest + UInt16(count - 1)
        untried = []
        fewest = count
        descriptors = row
        return
      }
      count /= 2
    }
    throw .system(errno: refusal, operation: .reservePort, subject: "61000 to 65535, all of them")
  }

  /// Reserves a row of ports; nil where there is none, and why the last one could not be had.
  private static func row(of count: Int, in range: ClosedRange<UInt16>, _ refusal: inout Int32) -> [UInt16: Int32]? {
    let first = Int.random(in: 0..<range.count)
    var row: [UInt16: Int32] = [:]
    for step in 0..<range.count + count where row.count < count {
      let port = range.lowerBound + UInt16((first + step) % range.count)
      let descriptor = PortReservations.open(port)
      if descriptor < 0 || port == range.lowerBound {
        for one in row.values { close(one) }
        row = [:]
      }
      if descriptor >= 0 { row[port] = descriptor } else { refusal = -descriptor }
    }
    if row.count == count { return row }
    for one in row.values { close(one) }
    return nil
  }

  /// The one port that the user fixed.
  /// - Throws: `SystemError.system` when it is taken.
  init(fixed port: UInt16) throws(SystemError) {
    let descriptor = try check(csyn_port_reserve(port), .reservePort, "\(port)")
    block = port...port
    untried = []
    descriptors = [port: descriptor]
    fewest = 1
  }

  /// The ports sorted by a keyed hash: one question to the system's source of chance, and not one for each port.
  private static func inOrderOfChance(_ block: ClosedRange<UInt16>) -> [UInt16] {
    let hash = SipHash(key: (.random(in: .min ... .max), .random(in: .min ... .max)))
    return block.map { (rank: hash.hash([UInt64($0)]), port: $0) }.sorted { $0.rank < $1.rank }.map(\.port)
  }

  /// Gives every port back to the kernel; the next ones are taken in another order of chance.
  mutating func giveBack() {
    for descriptor in descriptors.values { close(descriptor) }
    descriptors.removeAll()
    untried = PortReservations.inOrderOfChance(block)
  }

  deinit {
    for descriptor in descriptors.values { close(descriptor) }
  }

  /// Whether `port` is reserved here.
  func holds(_ port: UInt16) -> Bool { descriptors[port] != nil }

  /// Keeps the kernel from refusing what comes to a port that is reserved here; false where it cannot.
  func hold(_ port: UInt16) -> Bool { descriptors[port].map { csyn_port_hold($0) == 0 } ?? false }

  /// Lets the kernel refuse again.
  func letGo(_ port: UInt16) {
    if let descriptor = descriptors[port] { _ = csyn_port_let_go(descriptor) }
  }

  private static func open(_ port: UInt16) -> Int32 {
    guard port < SourcePorts.firstUnprivileged else { return csyn_port_reserve(port) }
    let former = Privilege.raise()
    defer { Privilege.restore(former) }
    return csyn_port_reserve(port)
  }

  /// Reserves one more port; nil when the block or this process's descriptors are used up.
  mutating func reserve() -> UInt16? {
    while descriptors.count < most, let port = untried.popLast() {
      let descriptor = PortReservations.open(port)
      if descriptor >= 0 {
        descriptors[port] = descriptor
        return port
      }
      refusal = -descriptor
      guard refusal == EADDRINUSE else {
        untried.append(port)
        return nil
      }
    }
    return nil
  }
}
