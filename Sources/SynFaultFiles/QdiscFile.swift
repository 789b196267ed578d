internal import SynCore
public import SynVerdict
internal import SynVerify
internal import SynYAML

extension InjectedFault {
  /// Reads what `tc qdisc show` or `tc -j qdisc show` prints, of which one queueing discipline must be netem or tbf.
  ///
  /// It does not say where it was run: the path must be given. A distribution is not printed by tc, and is not known.
  /// - Throws: `ClaimError` where there is neither, or several of one.
  public static func qdisc(_ text: String) throws(ClaimError) -> InjectedFault {
    if text.drop(while: \.isWhitespace).hasPrefix("qdisc ") { return InjectedFault(netem: try NetemSpec.parse(text)) }
    let root = try document(text, "JSON")
    guard let disciplines = root.elements else {
      throw ClaimError("it is not the output of tc -j qdisc show: an array is needed")
    }
    let shaper = try shaper(disciplines.filter { $0["kind"]?.text == "tbf" })
    let found = disciplines.filter { $0["kind"]?.text == "netem" }
    guard let netem = found.first else {
      if let shaper { return InjectedFault(.shaper(shaper)) }
      throw ClaimError(
        "there is neither netem nor tbf among its \(disciplines.count) queueing disciplines: nothing is injected")
    }
    guard found.count == 1 else { throw several(found, "netem") }
    guard let options = netem["options"] else { throw ClaimError("its netem has no options") }
    var fault = InjectedFault(netem: try QdiscOptions(options).spec())
    fault.shaper = shaper
    return fault
  }

  /// The one tbf: bytes a second, and its bucket.
  private static func shaper(_ found: [YAMLNode]) throws(ClaimError) -> Shaper? {
    guard let tbf = found.first else { return nil }
    guard found.count == 1 else { throw several(found, "tbf") }
    guard let options = tbf["options"], let bytes = try options.number("rate", upTo: 1e15), bytes > 0 else {
      throw ClaimError("its tbf has no rate")
    }
    return Shaper(rate: BitRate(bytes * 8), bucket: Int(try options.number("burst", upTo: 4e9) ?? 0))
  }

  private static func several(_ found: [YAMLNode], _ kind: String) -> ClaimError {
    let devices = found.map { $0["dev"]?.text?.escaped ?? "a device without a name" }
    return ClaimError(
      "there is \(kind) on \(devices.joined(separator: " and ")): give one, by tc -j qdisc show dev NAME")
  }
}

/// The `options` of a netem as iproute2 prints them: seconds, and shares from 0 to 1.
private struct QdiscOptions {
  private let node: YAMLNode
  private var line = NetemLine()

  init(_ node: YAMLNode) {
    self.node = node
  }

  func spec() throws(ClaimError) -> NetemSpec {
    var copy = self
    return try copy.read()
  }

  private mutating func read() throws(ClaimError) -> NetemSpec {
    if let limit = try node.number("limit", upTo: 4e9) { line.add("limit \(Int64(limit))") }
    if let delay = node["delay"] {
      line.add("delay")
      try addSeconds(delay, "delay")
      try addSeconds(delay, "jitter")
      try addCorrelation(delay)
    }
    if let loss = node["loss-random"] { try addEvent("loss random", loss, "loss") }
    if let chain = node["loss-state"] { try addChain("loss state", chain, ["p13", "p31", "p32", "p23", "p14"]) }
    if let chain = node["loss-gemodel"] { try addChain("loss gemodel", chain, ["p", "r", "1-h", "1-k"]) }
    for event in ["duplicate", "corrupt", "reorder"] {
      if let values = node[event] { try addEvent(event, values, event) }
    }
    if let gap = try node.number("gap", upTo: 4e9), gap > 1 { line.add("gap \(Int64(gap))") }
    if let rate = node["rate"], let bytes = try rate.number("rate", upTo: 1e15) {
      line.add("rate \(Int64(bytes))bps")
      let overhead = Double(rate["packetoverhead"]?.text ?? "") ?? 0
      if (1...1e6).contains(overhead) { line.add("\(Int64(overhead))") }
    }
    if let slot = node["slot"] {
      line.add("slot")
      for key in ["min-delay", "max-delay"] { try addSeconds(slot, key) }
    }
    return try line.spec()
  }

  private mutating func addSeconds(_ values: YAMLNode, _ key: String) throws(ClaimError) {
    line.add(nanoseconds: Int64((try values.number(key, upTo: 5000) ?? 0) * 1e9))
  }

  private mutating func addEvent(_ name: String, _ values: YAMLNode, _ key: String) throws(ClaimError) {
    line.add(name)
    line.add(share: try values.number(key, upTo: 1) ?? 0)
    try addCorrelation(values)
  }

  private mutating func addCorrelation(_ values: YAMLNode) throws(ClaimError) {
    if let correlation = try values.number("correlation", upTo: 1), correlation > 0 { line.add(share: correlation) }
  }

  /// Up to the last probability that is printed; those between are all there.
  private mutating func addChain(_ name: String, _ values: YAMLNode, _ keys: [String]) throws(ClaimError) {
    line.add(name)
    for key in keys {
      guard let probability = try values.number(key, upTo: 1) else { break }
      line.add(share: probability)
    }
  }
}
