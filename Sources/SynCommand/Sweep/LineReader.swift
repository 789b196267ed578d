internal import Glibc
internal import SynCore
internal import SynSystem

/// Lines of a file, or of standard input, as they come, without a wait for them.
final class LineReader {
  /// What there is to read.
  enum Line: Equatable {
    /// A line, and its number from 1.
    case line(String, number: Int)
    /// No whole line has come yet.
    case later
    case end
  }

  /// Longer lines are no addresses.
  private static let longest = 4096
  /// U+FEFF as UTF-8.
  private static let mark: [UInt8] = [0xef, 0xbb, 0xbf]

  /// What it is called in errors.
  let name: String
  private let file: FileDescriptor
  private var buffer: [UInt8] = []
  private var start = 0
  private var number = 0
  private var isAtEnd = false

  /// Opens a file; `-` is standard input.
  /// - Throws: `CommandFailure` with status 64.
  init(path: String) throws(CommandFailure) {
    name = path == "-" ? "standard input" : path.escaped
    let opened = path == "-" ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard opened >= 0 else {
      throw CommandFailure(.usage, "\(path.escaped): \(String(cString: strerror(errno)))")
    }
    file = FileDescriptor(opened)
  }

  /// Whether what is at a path can be read twice.
  static func isRegular(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  /// What a wait for more waits on.
  var descriptor: Int32 { file.rawValue }

  /// Takes the next line.
  /// - Throws: `CommandFailure` where it cannot be read, or is far too long.
  func next() throws(CommandFailure) -> Line {
    while true {
      let end = buffer[start...].firstIndex(of: UInt8(ascii: "\n"))
      guard (end ?? buffer.count) - start <= LineReader.longest else {
        throw CommandFailure(
          .usage, "\(name), line \(number + 1): more than \(LineReader.longest) octets are no address")
      }
      if let end {
        defer { start = end + 1 }
        return line(buffer[start..<end])
      }
      if isAtEnd {
        guard start < buffer.count else { return .end }
        defer { start = buffer.count }
        return line(buffer[start...])
      }
      guard try fill() else { return .later }
    }
  }

  /// Takes the next line, and waits for it; nil at the end.
  /// - Throws: `CommandFailure` as `next`.
  func wait() throws(CommandFailure) -> (line: String, number: Int)? {
    while true {
      switch try next() {
      case .line(let line, let number): return (line, number)
      case .later:
        Waiting.wait(for: [descriptor], until: nil)
      case .end: return nil
      }
    }
  }

  private func line(_ octets: ArraySlice<UInt8>) -> Line {
    number += 1
    // Some editors begin a file with a mark of its order of octets.
    let isMarked = number == 1 && octets.starts(with: LineReader.mark)
    let text = isMarked ? octets.dropFirst(LineReader.mark.count) : octets
    return .line(String(decoding: text, as: UTF8.self), number: number)
  }

  /// Reads what has come; false where nothing has.
  private func fill() throws(CommandFailure) -> Bool {
    buffer.removeFirst(start)
    start = 0
    var ready = pollfd(fd: file.rawValue, events: Int16(POLLIN), revents: 0)
    guard poll(&ready, 1, 0) > 0 else { return false }
    var part = [UInt8](repeating: 0, count: 65_536)
    let count = read(file.rawValue, &part, part.count)
    if count < 0, errno == EAGAIN || errno == EINTR { return false }
    guard count >= 0 else { throw CommandFailure(.usage, "\(name): \(String(cString: strerror(errno)))") }
    buffer += part.prefix(count)
    isAtEnd = count == 0
    return true
  }
}
