/// Why this host refused to send a probe.
public struct SendFailure: Error, Hashable, Sendable, Codable {
  /// Linux's number of the error.
  public let errno: Int32
  /// With ENOBUFS: it was the socket's own send buffer that was full, and no queue.
  public let isBufferFull: Bool

  /// Wraps an error number of the sending call.
  public init(errno: Int32, isBufferFull: Bool = false) {
    self.errno = errno
    self.isBufferFull = isBufferFull
  }

  /// Whether a queue or buffer of this host was full: another try at once would fail as well.
  public var isShortage: Bool { [11, 12, 105].contains(errno) }  // EAGAIN, ENOMEM, ENOBUFS

  /// Whether it was a queue, which counts what it has no room for.
  public var isQueueFull: Bool { errno == 105 && !isBufferFull }

  /// The name of the error, as `EPERM`.
  public var name: String { SendFailure.known[errno]?.name ?? "errno \(errno)" }

  /// What the error means for one who sends a SYN.
  public var meaning: String { SendFailure.known[errno]?.meaning ?? "the kernel refused to send" }

  /// Linux's error numbers on x86, ARM and RISC-V (asm-generic/errno.h), with what each means at this place.
  private static let known: [Int32: (name: String, meaning: String)] = [
    1: ("EPERM", "blocked by this host's firewall (netfilter OUTPUT)"),
    6: ("ENXIO", "the device is gone"),
    11: ("EAGAIN", "the socket's send buffer is full"),
    12: ("ENOMEM", "the kernel is out of memory"),
    13: ("EACCES", "a broadcast or prohibited destination"),
    19: ("ENODEV", "the device is gone"),
    23: ("ENFILE", "this host has no descriptor left"),
    24: ("EMFILE", "this process has no descriptor left"),
    22: ("EINVAL", "the source address is not this host's, or the destination cannot be reached from it"),
    89: ("EDESTADDRREQ", "the tunnel knows no endpoint for this address (WireGuard: no Endpoint of the peer)"),
    90: ("EMSGSIZE", "the packet is larger than the device's MTU"),
    97: ("EAFNOSUPPORT", "this host has no such family of addresses"),
    98: ("EADDRINUSE", "the source port is in use"),
    99: ("EADDRNOTAVAIL", "the source address is not this host's"),
    100: ("ENETDOWN", "the device is down"),
    101: ("ENETUNREACH", "no route to the network"),
    105: ("ENOBUFS", "this host's own queue is full"),
    126: ("ENOKEY", "the tunnel has no peer for this address (WireGuard: no AllowedIPs)"),
    113: ("EHOSTUNREACH", "no route to the host"),
  ]
}
