internal import Glibc

/// Lines of a descriptor as they come, without a wait for them.
struct LineReader {
  /// What there is to read.
  enum Line: Equatable {
    case line(String)
    /// No whole line has come yet.
    case later
    case end
  }

  /// Longer lines are no addresses.
  private static let longest = 4096

  /// What is read from; -1 for nothing.
  let descriptor: Int32
  private var buffer: [UInt8] = []
  private var start = 0
  private var isAtEnd = false

  init(_ descriptor: Int32) {
    self.descriptor = descriptor
  }

  /// Takes the next line.
  /// - Throws: `CommandFailure` where it cannot be read, or is far too long.
  mutating func next(_ name: String) throws(CommandFailure) -> Line {
    while true {
      if let end = buffer[start...].firstIndex(of: UInt8(ascii: "\n")) {
        defer { start = end + 1 }
        return .line(String(decoding: buffer[start..<end], as: UTF8.self))
      }
      guard buffer.count - start <= LineReader.longest else {
        throw CommandFailure(.usage, "\(name): a line of more than \(LineReader.longest) octets is no address")
      }
      if isAtEnd {
        guard start < buffer.count else { return .end }
        defer { start = buffer.count }
        return .line(String(decoding: buffer[start...], as: UTF8.self))
      }
      guard try fill(name) else { return .later }
    }
  }

  /// Reads what has come; false where nothing has.
  private mutating func fill(_ name: String) throws(CommandFailure) -> Bool {
    buffer.removeFirst(start)
    start = 0
    var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&ready, 1, 0) > 0 else { return false }
    var part = [UInt8](repeating: 0, count: 65_536)
    let count = read(descriptor, &part, part.count)
    if count < 0, errno == EAGAIN || errno == EINTR { return false }
    guard count >= 0 else { throw CommandFailure(.usage, "\(name): \(String(cString: strerror(errno)))") }
    buffer += part.prefix(count)
    isAtEnd = count == 0
    return true
  }
}
