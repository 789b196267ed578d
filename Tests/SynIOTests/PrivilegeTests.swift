import CSyn
import Foundation
internal import SynCore
import SynIO
internal import SynSystem
import SynWire
import Synchronization
import Testing

private final class Slot<Value: Sendable>: Sendable {
  let value = Mutex<Value?>(nil)
}

/// Capabilities are each thread's own: these tests run in threads of their own.
@Suite struct Privileges {
  /// What `body` finds in a fresh thread.
  private func inThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) -> Value? {
    let found = Slot<Value>()
    let done = DispatchSemaphore(value: 0)
    Thread {
      found.value.withLock { $0 = body() }
      done.signal()
    }.start()
    done.wait()
    return found.value.withLock { $0 }
  }

  @Test func aConfinedThreadHasNothingInForceAndCanRaiseNothingElse() throws {
    let sets = inThread { () -> [Privilege.Set] in
      Privilege.confine(to: .netRaw)
      return [Privilege.effective, Privilege.permitted]
    }
    #expect(sets?.first == [])
    #expect(sets?.last?.subtracting(.netRaw) == [])
  }

  @Test func confiningOneThreadLeavesTheOthersAlone() {
    let before = Privilege.effective
    _ = inThread { Privilege.confine(to: []) }
    #expect(Privilege.effective == before)
  }

  @Test(.enabled(if: hasNetRaw, "needs CAP_NET_RAW"))
  func aProberInAConfinedThreadOpensItsSocketsAndLeavesNothingInForce() throws {
    let effective = inThread { () -> Privilege.Set? in
      Privilege.confine(to: .sockets)
      guard (try? LoopThread(options: ProberConfiguration())) != nil else { return nil }
      return Privilege.effective
    }
    #expect(effective == .some([]))
  }

  @Test(.enabled(if: hasNetRaw, "needs CAP_NET_RAW"))
  func theHostsThreadKeepsWhatItHad() throws {
    let before = Privilege.effective
    _ = try LoopThread(options: ProberConfiguration())
    #expect(Privilege.effective == before)
  }

  @Test(.enabled(if: hasNetRaw, "needs CAP_NET_RAW"))
  func aRawSocketCountsWhatItsFullBufferDropsAndNotWhatItsFilterRefuses() throws {
    let fd = csyn_raw_open(4)
    try #require(fd >= 0)
    defer { close(fd) }
    #expect(csyn_raw_accept_ports(fd, 4, 9, 9) == 0)
    // Of what other tests send, something may have come before the filter was there.
    var memory = csyn_memory()
    #expect(csyn_raw_memory(fd, &memory) == 0)
    let before = memory
    let other = try LoopbackListener(.v4)
    _ = try connections(to: other.endpoint.port, count: 50)
    #expect(csyn_raw_memory(fd, &memory) == 0)
    #expect(memory.drops == before.drops && memory.used == before.used && memory.limit > 0)
    // Each refused connection sends a SYN to port 9, and nobody reads them.
    _ = csyn_raw_set_receive_buffer(fd, 4096)
    _ = try connections(to: 9, count: 200)
    #expect(csyn_raw_memory(fd, &memory) == 0)
    #expect(memory.drops > 0)
    #expect(memory.used >= memory.limit - memory.limit / 8)
  }

  private func connections(to port: UInt16, count: Int) throws -> Int {
    var address = csyn_address()
    address.family = 4
    withUnsafeMutableBytes(of: &address.bytes) { $0.copyBytes(from: [127, 0, 0, 1]) }
    var options = csyn_connect_options()
    for _ in 0..<count {
      let fd = csyn_connect_open(4, &options)
      try #require(fd >= 0)
      _ = csyn_connect_start(fd, &address, port)
      close(fd)
    }
    return count
  }
}
