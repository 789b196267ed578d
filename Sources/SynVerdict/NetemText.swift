internal import SynCore

/// The words of a netem line, without what a command line of tc, or its listing, has around them.
struct NetemText {
  private(set) var words: [Substring]
  /// What was passed by, in sentences.
  private(set) var notes: [String] = []

  /// - Throws: `ClaimError` for a listing of several netem disciplines.
  init(_ text: String) throws(ClaimError) {
    let lines = NetemText.lines(text)
    let netem = lines.filter { $0.contains("netem") }
    guard netem.count < 2 else {
      throw ClaimError("there are \(netem.count) netem lines in it: give the one that is meant")
    }
    // Of commands and listings the other disciplines' lines are not meant.
    let listed = netem.first { $0.first == "qdisc" }
    words = listed ?? lines.filter { $0.contains("netem") || !$0.contains("qdisc") }.flatMap { $0 }
    guard let mark = words.firstIndex(of: "netem") else { return }
    guard mark == 0 || words[..<mark].contains("qdisc") else { return }
    let isListing = words.first == "qdisc"
    var around = Array(words[..<mark])
    words = Array(words[(mark + 1)...])
    if isListing { around += takeListing() }
    note(around)
  }

  /// The words of each line, those that a backslash continues joined.
  private static func lines(_ text: String) -> [[Substring]] {
    var lines: [[Substring]] = []
    var isContinued = false
    for line in text.split(whereSeparator: \.isNewline) {
      var words = line.split { $0 == " " || $0 == "\t" }
      let continues = words.last == "\\"
      if continues { words.removeLast() }
      if isContinued { lines[lines.count - 1] += words } else { lines.append(words) }
      isContinued = continues
    }
    return lines
  }

  /// Takes what stands in a listing between the kind and the options: `8001: dev eth0 root refcnt 2`.
  private mutating func takeListing() -> [Substring] {
    var taken: [Substring] = []
    var isTaking = true
    while isTaking, let word = words.first {
      switch word {
      case _ where word.last == ":", "root", "offloaded": taken.append(words.removeFirst())
      case "dev", "parent", "refcnt", "handle":
        taken += words.prefix(2)
        words.removeFirst(min(2, words.count))
      default: isTaking = false
      }
    }
    return taken
  }

  /// Says which device and place in the tree were named.
  private mutating func note(_ around: [Substring]) {
    var named: [String] = []
    for (word, name) in [("dev", "device"), ("parent", "parent")] {
      guard let index = around.firstIndex(of: word[...]), index + 1 < around.count else { continue }
      named.append("the \(name) \(String(around[index + 1]).escaped)")
    }
    guard !named.isEmpty else { return }
    notes.append("\(named.joined(separator: " and ")) of the line say where it was set, and are not used: --path does")
  }
}
