internal import SynCore

extension NetemSpec {
  /// Reads tc-netem(8)'s own grammar, as `delay 100ms 10ms 25% distribution normal loss gemodel 1% 10%`.
  ///
  /// As for tc, a bare number is a time in microseconds, or a percentage; a word may be written short. A whole command
  /// line of tc is taken too, and what `tc qdisc show` prints of it: the device and the place in the tree are not used.
  /// - Throws: `ClaimError` that names the word that is not understood.
  public static func parse(_ text: String) throws(ClaimError) -> NetemSpec {
    var parser = NetemParser(try NetemText(text))
    return try parser.parse()
  }
}

/// The words of a netem line, taken one after the other.
struct NetemParser {
  private let words: [Substring]
  private var index = 0
  private var spec = NetemSpec()

  init(_ text: NetemText) {
    words = text.words
    spec.notes = text.notes
  }

  mutating func parse() throws(ClaimError) -> NetemSpec {
    guard !words.isEmpty else {
      throw ClaimError("the netem line is empty: write it as for tc, as 'delay 100ms loss 5%'")
    }
    while let word = take() {
      switch word {
      case _ where word.isShort(for: "delay") || word.isShort(for: "latency", atLeast: 2): try delay()
      case "distribution": try distribution()
      case _ where word.isShort(for: "loss", atLeast: 2) || word.isShort(for: "drop", atLeast: 2): try loss()
      case _ where word.isShort(for: "duplicate", atLeast: 2): spec.duplicate = try event("duplicate")
      case _ where word.isShort(for: "corrupt"): spec.corrupt = try event("corrupt")
      case "reorder": spec.reorder = try event("reorder")
      case "gap": spec.gap = try count("gap")
      case _ where word.isShort(for: "limit", atLeast: 2): spec.limit = try count("limit")
      case "rate": try rate()
      case "ecn": break
      case "slot": try slot()
      case "seed": _ = try need("seed") { UInt64($0) }
      default: throw ClaimError("netem has no '\(String(word).escaped)'")
      }
    }
    if spec.reorder > 0, spec.delay == 0 { throw ClaimError("netem reorders nothing without a delay") }
    if spec.gap > 1, spec.reorder == 0 { throw ClaimError("netem's gap goes with reorder") }
    return spec
  }

  // MARK: Options

  private mutating func delay() throws(ClaimError) {
    if let word = peek, word.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int64(word), number > 0 {
      spec.notes.append("tc reads the bare number of 'delay \(word)' as microseconds: write \(word)ms for milliseconds")
    }
    spec.delay = try need("delay", NetemParser.time)
    if let jitter = optional(NetemParser.time) {
      spec.jitter = jitter
      if let correlation = optional(NetemParser.share) { spec.delayCorrelation = correlation }
    }
  }

  private mutating func distribution() throws(ClaimError) {
    let word = take() ?? ""
    guard let shape = NetemSpec.Distribution(rawValue: String(word)) else {
      throw ClaimError("'\(String(word).escaped)' is none of the distributions uniform, normal, pareto, paretonormal")
    }
    spec.distribution = shape
  }

  private mutating func loss() throws(ClaimError) {
    switch peek {
    case "state":
      index += 1
      let p13 = try need("loss state", NetemParser.share, label: "p13")
      let p31 = labelled("p31") ?? 1 - p13
      let p32 = labelled("p32") ?? 0
      let p23 = labelled("p23") ?? 1
      spec.loss = .state(p13: p13, p31: p31, p32: p32, p23: p23, p14: labelled("p14") ?? 0)
    case "gemodel":
      index += 1
      let p = try need("loss gemodel", NetemParser.share, label: "p")
      let r = labelled("r") ?? 1 - p
      let bad = labelled("1-h") ?? 1
      spec.loss = .gemodel(p: p, r: r, lossInBad: bad, lossInGood: labelled("1-k") ?? 0)
    default:
      if peek == "random" { index += 1 }
      let share = try need("loss", NetemParser.share)
      spec.loss = .random(share, correlation: try correlation("loss"))
    }
  }

  /// A share, less what its correlation takes from it.
  private mutating func event(_ name: String) throws(ClaimError) -> Double {
    let share = try need(name, NetemParser.share)
    return CorrelatedShare.below(share, correlation: try correlation(name))
  }

  /// The correlation that may follow a share.
  private mutating func correlation(_ name: String) throws(ClaimError) -> Double {
    let correlation = optional(NetemParser.share) ?? 0
    guard correlation < 0.99 else {
      throw ClaimError("netem's \(name) with a correlation of 100% happens always or never: which of the two is chance")
    }
    return correlation
  }

  private mutating func rate() throws(ClaimError) {
    spec.rate = try need("rate", NetemParser.rate)
    skip("packetoverhead")
    guard let overhead = optional(NetemParser.bytes) else { return }
    spec.overhead = overhead
    // The size and overhead of cells, as ATM has them, round a SYN's time by less than is measured.
    for label in ["cellsize", "celloverhead"] {
      skip(label)
      _ = optional(NetemParser.bytes)
    }
  }

  /// Packets are let go in slots: what each waits for the next one depends on the other traffic, but for its bound.
  private mutating func slot() throws(ClaimError) {
    if peek == "distribution" {
      index += 1
      if let name = peek, NetemParser.time(name) == nil { index += 1 }
      let middle = try need("slot distribution", NetemParser.time)
      // Of the tables that come with tc hardly a value lies beyond four times the jitter.
      spec.slotWait = middle + 4 * (optional(NetemParser.time) ?? 0)
    } else {
      let least = try need("slot", NetemParser.time)
      spec.slotWait = max(optional(NetemParser.time) ?? least, least)
    }
    for name in ["packets", "bytes"] where peek == name[...] {
      index += 1
      _ = try count("slot \(name)")
    }
  }

  private mutating func count(_ name: String) throws(ClaimError) -> Int {
    try need(name) { word in word.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(word) : nil }
  }

  // MARK: Words

  private var peek: Substring? { index < words.count ? words[index] : nil }

  private mutating func take() -> Substring? {
    defer { index += 1 }
    return peek
  }

  private mutating func optional<Value>(_ read: (Substring) -> Value?) -> Value? {
    guard let value = peek.flatMap(read) else { return nil }
    index += 1
    return value
  }

  /// Passes by a label, as `tc qdisc show` puts before some values.
  private mutating func skip(_ label: String) {
    if peek == label[...] { index += 1 }
  }

  /// A share that may have its label before it.
  private mutating func labelled(_ label: String) -> Double? {
    let start = index
    skip(label)
    guard let share = optional(NetemParser.share) else {
      index = start
      return nil
    }
    return share
  }

  private mutating func need<Value>(
    _ name: String, _ read: (Substring) -> Value?, label: String? = nil
  ) throws(ClaimError) -> Value {
    if let label { skip(label) }
    guard let word = take() else { throw ClaimError("netem's \(name) needs a value") }
    guard let value = read(word) else {
      throw ClaimError("'\(String(word).escaped)' is no value of netem's \(name)")
    }
    return value
  }

  // MARK: Values

  private static func scaled(_ word: Substring, _ units: [(String, Double)], bare: Double) -> Double? {
    let digits = word.prefix { "0123456789.".contains($0) }
    guard let number = RangeText.number(digits) else { return nil }
    let unit = word[digits.endIndex...].lowercased()
    if unit.isEmpty { return number * bare }
    return units.first { $0.0 == unit }.map { number * $0.1 }
  }

  private static func time(_ word: Substring) -> Int64? {
    let units = [
      ("ns", 1), ("nsec", 1), ("nsecs", 1), ("us", 1e3), ("usec", 1e3), ("usecs", 1e3), ("ms", 1e6), ("msec", 1e6),
      ("msecs", 1e6), ("s", 1e9), ("sec", 1e9), ("secs", 1e9),
    ]
    guard let nanoseconds = scaled(word, units, bare: 1e3), nanoseconds <= 4e12 else { return nil }
    return Int64(nanoseconds.rounded())
  }

  private static func share(_ word: Substring) -> Double? {
    scaled(word, [("%", 1)], bare: 1).flatMap { $0 <= 100 ? $0 / 100 : nil }
  }

  /// Bytes a second.
  static func rate(_ word: Substring) -> Double? {
    var units: [(String, Double)] = []
    for (prefix, scale) in [("", 1.0), ("k", 1e3), ("m", 1e6), ("g", 1e9), ("t", 1e12)] {
      units += [("\(prefix)bit", scale / 8), ("\(prefix)bps", scale)]
    }
    for (prefix, scale) in [("ki", 0x1p10), ("mi", 0x1p20), ("gi", 0x1p30), ("ti", 0x1p40)] {
      units += [("\(prefix)bit", scale / 8), ("\(prefix)bps", scale)]
    }
    // Less than a bit a second would pass no packet in a lifetime.
    return scaled(word, units, bare: 1.0 / 8).flatMap { $0 >= 1.0 / 8 ? $0 : nil }
  }

  /// A number of bytes, which may be negative.
  private static func bytes(_ word: Substring) -> Double? {
    let digits = word.first == "-" ? word.dropFirst() : word
    guard digits.count <= 5, let number = RangeText.number(digits) else { return nil }
    return word.first == "-" ? -number : number
  }
}

extension Substring {
  /// Whether this is a beginning of `word`, as tc's matches() takes it.
  fileprivate func isShort(for word: String, atLeast least: Int = 1) -> Bool {
    count >= least && word.hasPrefix(self)
  }
}
