internal import Glibc
internal import SynCore
package import SynWire

/// The names of addresses, each asked for once; the system's resolver cannot be hurried, so each on a thread of its own.
package struct HostNames {
  private static let most = 1024
  private var known: [IPAddress: String?] = [:]
  private let patience: Duration

  /// Waits for each name no longer than `patience`; one that has not come by then counts as none.
  package init(patience: Duration = .seconds(1)) {
    self.patience = patience
  }

  /// The name of `address`, waited for on this thread until `interruption` is readable; nil when it has none.
  package mutating func name(of address: IPAddress, interruption: Int32) -> String? {
    if let name = known[address] { return name }
    let name = lookUp(address, interruption)
    if known.count >= HostNames.most { known.removeAll() }  // Whoever sends ICMP errors chooses their senders.
    known[address] = .some(name)
    return name
  }

  private func lookUp(_ address: IPAddress, _ interruption: Int32) -> String? {
    guard let work = try? BackgroundWork({ HostNames.resolve(address) }) else { return nil }
    let deadline = SystemClock.now().advanced(by: patience)
    Waiting.wait(for: [work.descriptor, interruption], until: deadline)
    return work.result ?? nil
  }

  private static func resolve(_ address: IPAddress) -> String? {
    var buffer = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    let status = address.withSocketAddress { pointer, length in
      getnameinfo(pointer, length, &buffer, socklen_t(buffer.count), nil, 0, NI_NAMEREQD)
    }
    guard status == 0 else { return nil }
    return String(terminated: buffer).escaped
  }
}
