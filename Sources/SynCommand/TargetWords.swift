internal import Glibc
internal import SynCore
internal import SynProbe
internal import SynWire

/// Targets as people type them: `HOST:PORT`, `HOST PORT`, `HOST:https`, `tcp://HOST:PORT`, `https://HOST/`, and hosts with
/// the ports of `--port`.
struct TargetWords {
  /// The ports of hosts that are written without one, each a target of its own.
  let ports: [UInt16]

  /// More targets than this of one host nobody means.
  static let mostPorts = 64

  /// The targets that the words mean.
  /// - Throws: `CommandFailure` with status 64 that says what is right.
  func targets(_ words: [String]) throws(CommandFailure) -> [Target] {
    var targets: [Target] = []
    var index = 0
    while index < words.count {
      let word = words[index]
      index += 1
      if ports.isEmpty, index < words.count, TargetWords.isPort(words[index]), !TargetWords.hasPort(word) {
        targets.append(try target(TargetWords.joined(word, words[index])))
        index += 1
      } else if ports.isEmpty || TargetWords.hasPort(word) {
        targets.append(try target(word))
      } else {
        for port in ports { targets.append(try target(word, port: port, isOneOfSeveral: ports.count > 1)) }
      }
    }
    return targets
  }

  private func target(
    _ typed: String, port: UInt16? = nil, isOneOfSeveral: Bool = false
  ) throws(CommandFailure) -> Target {
    let word = TargetWords.withoutUser(typed)
    do throws(Target.ParseError) {
      var target = try Target.parse(try TargetWords.plain(word), defaultPort: port)
      if isOneOfSeveral, let port {
        target = try Target.parse(TargetWords.joined(word, "\(port)"))
      } else if target.input != word.escaped {
        target = Target(input: word.escaped, host: target.host, port: target.port)
      }
      return target
    } catch {
      throw CommandFailure(.usage, error.isPortMissing ? TargetWords.portMissing(word) : "\(error)")
    }
  }

  private static func portMissing(_ word: String) -> String {
    "'\(word.escaped)' has no port: write HOST:PORT or HOST PORT, or give -p PORT"
  }

  /// A URL without the name and password that may stand before its host: what is printed is read by others.
  private static func withoutUser(_ word: String) -> String {
    guard let mark = word.range("://") else { return word }
    let authority = word[mark.upperBound...].prefix { !"/?#".contains($0) }
    guard let user = authority.lastIndex(of: "@") else { return word }
    return String(word[..<mark.upperBound] + word[authority.index(after: user)...])
  }

  // MARK: Ports

  /// Whether a word is a port and no host: a plain number.
  static func isPort(_ word: String) -> Bool {
    !word.isEmpty && word.utf8.count <= 5 && word.utf8.allSatisfy { (0x30...0x39).contains($0) }
  }

  /// Whether a word brings its own port, or a scheme that has one.
  private static func hasPort(_ word: String) -> Bool {
    if word.contains("://") { return true }
    if word.hasPrefix("[") { return word.contains("]:") }
    return word.utf8.count { $0 == UInt8(ascii: ":") } == 1
  }

  /// `HOST:PORT`, with the brackets that an IPv6 address needs.
  private static func joined(_ host: String, _ port: String) -> String {
    host.contains(":") && !host.hasPrefix("[") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }

  /// The text of `--port`: numbers, ranges and names of services, as `80,443,8000-8003` or `https`; each port once.
  /// - Throws: `CommandFailure` with status 64.
  static func ports(_ text: String, atMost most: Int = mostPorts) throws(CommandFailure) -> [UInt16] {
    var ports: [UInt16] = []
    var known: Set<UInt16> = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      ports += try range(String(part)).filter { known.insert($0).inserted }
      guard ports.count <= most else {
        throw CommandFailure(.usage, "--port '\(text.escaped)' means more than \(most) ports: sweep is for that")
      }
    }
    return ports
  }

  private static func range(_ part: String) throws(CommandFailure) -> ClosedRange<UInt16> {
    let ends = part.split(separator: "-", omittingEmptySubsequences: false)
    if ends.count == 2, isPort(String(ends[0])), isPort(String(ends[1])) {
      let first = try port(String(ends[0]))
      let last = try port(String(ends[1]))
      guard first <= last else { throw CommandFailure(.usage, "port range '\(part.escaped)' ends before it begins") }
      return first...last
    }
    let one = try port(part)
    return one...one
  }

  private static func port(_ text: String) throws(CommandFailure) -> UInt16 {
    if let service = service(text) { return service }
    do throws(Target.ParseError) { return try Target.parsePort(text) } catch {
      throw CommandFailure(.usage, "\(error), nor the name of a service")
    }
  }

  /// The port of a service's name, as /etc/services has it; the usual ones where there is no such file.
  private static func service(_ name: String) -> UInt16? {
    guard name.utf8.contains(where: { !(0x30...0x39).contains($0) }), name.utf8.count <= 32 else { return nil }
    if let entry = getservbyname(name, "tcp") { return UInt16(truncatingIfNeeded: entry.pointee.s_port).byteSwapped }
    return usual[name]
  }

  private static let usual: [String: UInt16] = [
    "ftp": 21, "ssh": 22, "smtp": 25, "domain": 53, "http": 80, "pop3": 110, "imap": 143, "ldap": 389, "https": 443,
    "imaps": 993, "ms-sql-s": 1433, "mysql": 3306, "postgresql": 5432, "amqp": 5672, "redis": 6379, "http-alt": 8080,
  ]

  // MARK: Forms

  /// A word as `HOST:PORT`: without scheme and path, its service a number.
  private static func plain(_ word: String) throws(Target.ParseError) -> String {
    var text = word
    var schemePort: String?
    if let mark = word.range("://") {
      let scheme = word[..<mark.lowerBound].lowercased()
      guard let port = ["tcp": "", "http": "80", "https": "443"][scheme] else {
        throw Target.ParseError(
          description: "'\(word.escaped)' has a scheme that is not known: tcp, http and https are, or write HOST:PORT")
      }
      schemePort = port.isEmpty ? nil : port
      text = String(word[mark.upperBound...].prefix { !"/?#".contains($0) })
    }
    guard hasPort(text) else { return schemePort.map { joined(text, $0) } ?? text }
    guard let colon = text.lastIndex(of: ":"), let port = service(String(text[text.index(after: colon)...])) else {
      return text
    }
    return "\(text[..<colon]):\(port)"
  }
}

extension String {
  /// Where a part is first found.
  fileprivate func range(_ part: String) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(part) { return start..<index(start, offsetBy: part.count) }
      start = index(after: start)
    }
    return nil
  }
}
