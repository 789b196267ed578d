/// Options of hping3 that the drop-in refuses, each with the reason; what it merely does not know, the parser refuses.
enum HpingRefusals {
  /// - Throws: `CommandFailure` with status 64 for the first of the options that is refused.
  static func check(_ arguments: [String]) throws(CommandFailure) {
    var rest = arguments[...]
    while let argument = rest.popFirst(), argument != "--" {
      if argument.hasPrefix("--") {
        let name = String(argument.dropFirst(2).prefix { $0 != "=" })
        if let reason = long[name] { throw failure("--\(name)", reason) }
        if !argument.contains("="), valued.contains(name) { rest = rest.dropFirst() }
      } else if argument.hasPrefix("-"), try checkShort(argument.dropFirst()) {
        rest = rest.dropFirst()
      }
    }
  }

  /// Looks at options that are written together, as `-Sn`; true when the last one's value is the next argument.
  private static func checkShort(_ letters: Substring) throws(CommandFailure) -> Bool {
    var rest = letters
    while let letter = rest.popFirst() {
      if let reason = short[letter] { throw failure("-\(letter)", reason) }
      if "pciItswo".contains(letter) { return rest.isEmpty }
    }
    return false
  }

  private static func failure(_ option: String, _ reason: String) -> CommandFailure {
    CommandFailure(.usage, "\(option) is refused on purpose: \(reason)")
  }

  private static let valued: Set = ["destport", "count", "interval", "interface", "ttl", "baseport", "win", "tos"]

  private static let flood = "a flood measures nothing; --faster with -c N sends fast and shows the answers"
  private static let forged = "probes leave from this host's own addresses only"
  private static let mode = "SYN probes are all this does (-S)"
  private static let content = "a probe is a SYN without data or forged fields"

  private static let long: [String: String] = [
    "flood": flood, "spoof": forged, "rand-source": forged, "rand-dest": "one host is probed at a time",
    "rawip": mode, "icmp": mode, "udp": mode, "scan": mode, "listen": mode, "fin": mode, "rst": mode, "push": mode,
    "ack": mode, "urg": mode, "xmas": mode, "ymas": mode, "data": content, "file": content, "sign": content,
    "frag": content, "morefrag": content, "fragoff": content, "badcksum": content, "setseq": content,
    "setack": content, "tcpoff": content, "rroute": content, "lsrr": content, "ssrr": content, "apd-send": content,
    "safe": content,
  ]

  private static let short: [Character: String] = [
    "a": forged, "0": mode, "1": mode, "2": mode, "8": mode, "9": mode, "F": mode, "R": mode, "P": mode, "A": mode,
    "U": mode, "X": mode, "Y": mode, "d": content, "E": content, "e": content, "f": content, "x": content,
    "g": content, "b": content, "M": content, "L": content, "O": content, "G": content, "B": content,
  ]
}
