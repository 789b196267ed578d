internal import CSyn
internal import Glibc
package import SynCore
package import SynWire

/// One request over TCP and the first line of what comes back.
package enum StreamExchange {
  private static let most = 8_192

  /// Sends `request` and returns the answer's first line without its end, cut off after 8 KiB; what follows is not waited
  /// for.
  /// - Throws: `SystemError.system`, with ETIMEDOUT at `deadline`.
  package static func firstLine(
    from endpoint: Endpoint, asking request: [UInt8], until deadline: MonotonicInstant
  ) throws(SystemError) -> [UInt8] {
    var options = csyn_connect_options()
    var address = csyn_address(endpoint.address)
    let subject = "\(endpoint)"
    let socket = FileDescriptor(
      try check(csyn_connect_open(endpoint.address.family.number, &options), .connect, subject))
    _ = try check(csyn_connect_start(socket.rawValue, &address, endpoint.port), .connect, subject)
    try wait(socket.rawValue, Int16(POLLOUT), deadline, subject)
    let sent = send(socket.rawValue, request, request.count, Int32(MSG_NOSIGNAL))
    guard sent == request.count else {
      throw .system(errno: sent < 0 ? errno : EMSGSIZE, operation: .connect, subject: subject)
    }
    let newline: UInt8 = 0x0a
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while answer.count < most, !answer.contains(newline) {
      try wait(socket.rawValue, Int16(POLLIN), deadline, subject)
      let got = recv(socket.rawValue, &buffer, buffer.count, 0)
      if got < 0 { throw .system(errno: errno, operation: .connect, subject: subject) }
      if got == 0 { break }
      answer += buffer.prefix(got)
    }
    return Array(answer.prefix { $0 != newline && $0 != 0x0d })
  }

  private static func wait(
    _ descriptor: Int32, _ events: Int16, _ deadline: MonotonicInstant, _ subject: String
  ) throws(SystemError) {
    while true {
      let left = deadline.since(SystemClock.now()).nanoseconds / 1_000_000
      guard left > 0 else { throw .system(errno: ETIMEDOUT, operation: .connect, subject: subject) }
      var polled = pollfd(fd: descriptor, events: events, revents: 0)
      let ready = poll(&polled, 1, Int32(clamping: left))
      if ready > 0 { return }
      if ready < 0, errno != EINTR { throw .system(errno: errno, operation: .connect, subject: subject) }
    }
  }
}
