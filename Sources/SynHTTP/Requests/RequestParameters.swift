internal import SynCore
internal import SynEdge
internal import SynProbe

/// The query of a request target, read strictly: what would be guessed at elsewhere is an error here.
struct RequestParameters {
  private static let mostParameters = 32
  private var values: [String: String] = [:]

  /// Reads what follows the first `?` of a request target.
  /// - Throws: `Problem` naming the parameter that is given twice or is no UTF-8.
  init(target: String) throws(Problem) {
    guard let mark = target.firstIndex(of: "?") else { return }
    let query = target[target.index(after: mark)...].prefix { $0 != "#" }
    for pair in query.split(separator: "&", omittingEmptySubsequences: true) {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = try RequestParameters.decode(parts[0], in: String(parts[0]))
      let value = try RequestParameters.decode(parts.count == 2 ? parts[1] : "", in: name)
      try add(name, value)
    }
  }

  /// Adds a parameter that came another way.
  /// - Throws: `Problem` naming one that is there already.
  mutating func add(_ name: String, _ value: String) throws(Problem) {
    guard values[name] == nil else { throw RequestParameters.twice(name) }
    values[name] = value
    guard values.count <= RequestParameters.mostParameters else {
      throw Problem(.badParameter, "the query has more than \(RequestParameters.mostParameters) parameters")
    }
  }

  /// The problem of a parameter that is given in two places.
  static func twice(_ name: String) -> Problem {
    Problem.bad(name.escaped, "the parameter '\(name.escaped)' is given more than once")
  }

  /// The value of a parameter, which counts as known from now on.
  mutating func take(_ name: String) -> String? {
    values.removeValue(forKey: name)
  }

  /// - Throws: `Problem` naming a parameter that nobody took.
  func finish(known: [String]) throws(Problem) {
    guard let name = values.keys.min() else { return }
    throw Problem.bad(
      name.escaped, "there is no parameter '\(name.escaped)'; the parameters are \(known.joined(separator: ", "))")
  }

  /// Percent-decoding of `application/x-www-form-urlencoded`, once.
  private static func decode(_ text: some StringProtocol, in name: String) throws(Problem) -> String {
    var bytes: [UInt8] = []
    var input = text.utf8.makeIterator()
    while let byte = input.next() {
      switch byte {
      case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
      case UInt8(ascii: "%"):
        guard let high = input.next().flatMap(hexDigit), let low = input.next().flatMap(hexDigit) else {
          throw Problem.bad(name.escaped, "'%' must be followed by two hexadecimal digits")
        }
        bytes.append(high << 4 | low)
      default: bytes.append(byte)
      }
    }
    guard let decoded = String(validating: bytes, as: UTF8.self) else {
      throw Problem.bad(name.escaped, "the text is not UTF-8")
    }
    return decoded
  }

  private static func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x37
    case 0x61...0x66: byte - 0x57
    default: nil
    }
  }
}
