internal import Glibc

/// What the operating system refused: which operation, on what, and why.
package enum SystemError: Error, Equatable {
  /// A system call failed with this errno.
  case system(errno: Int32, operation: Operation, subject: String)
  /// libpcap failed, in its own words.
  case capture(device: String, message: String)
  /// libpcap may not capture on the device.
  case captureNotPermitted(device: String, message: String)
  /// The device frames its packets in a way that is not understood.
  case unsupportedLink(device: String, dlt: Int32, name: String)

  /// The operations that can be refused.
  package enum Operation: String {
    case openRawSocket = "open a raw socket,"
    case openPacketSocket = "open a packet socket for the capture,"
    case mapRing = "give the capture a ring,"
    case setOption = "set the socket option"
    case reservePort = "reserve the source port"
    case findRoute = "find the route to"
    case listen = "listen on"
    case connect = "speak to"
    case openDescriptor = "open the descriptor"
    case startThread = "start the probe thread"
  }

  package static let noSourceAddress = EADDRNOTAVAIL

  /// The system's error number, where there is one.
  package var errno: Int32? {
    guard case .system(let errno, _, _) = self else { return nil }
    return errno
  }

  /// Whether connect(2) may do what this error forbids: no capability, or a kernel without the stamps, as gVisor's.
  package var leavesConnect: Bool {
    if isMissingCapability { return true }
    switch self {
    case .system(let errno, .setOption, _), .system(let errno, .mapRing, _):
      return [ENOPROTOOPT, EOPNOTSUPP, ENOSYS, EPERM].contains(errno)
    default: return false
    }
  }

  /// Whether raw sockets are allowed and packet sockets are not: then it is not the capability that is missing.
  package var refusesPacketSocketAlone: Bool {
    guard case .system(_, .openPacketSocket, _) = self else { return false }
    return isMissingCapability
  }

  /// Whether the cause is a missing permission: CAP_NET_RAW, or one that a filter of system calls withholds.
  package var isMissingCapability: Bool {
    switch self {
    case .system(let errno, .openRawSocket, _), .system(let errno, .openPacketSocket, _):
      [EPERM, EACCES, EAFNOSUPPORT, EPROTONOSUPPORT].contains(errno)
    case .captureNotPermitted: true
    default: false
    }
  }
}

extension SystemError: CustomStringConvertible {
  /// One sentence: what happened, to what.
  package var description: String {
    switch self {
    case .system(let errno, let operation, let subject):
      "cannot \(operation.rawValue) \(subject): \(String(cString: strerror(errno)))"
    case .capture(let device, let message): "cannot capture on \(device): \(message)"
    case .captureNotPermitted(let device, let message): "not permitted to capture on \(device): \(message)"
    case .unsupportedLink(let device, let dlt, let name):
      "cannot capture on \(device): its link type \(name) (DLT \(dlt)) is not supported"
    }
  }
}

/// Turns a shim's `-errno` into an error.
package func check(
  _ result: Int32, _ operation: SystemError.Operation, _ subject: @autoclosure () -> String
) throws(SystemError) -> Int32 {
  guard result >= 0 else { throw .system(errno: -result, operation: operation, subject: subject()) }
  return result
}
