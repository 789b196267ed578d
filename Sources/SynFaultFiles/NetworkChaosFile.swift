internal import SynCore
public import SynVerdict
public import SynVerify
internal import SynYAML

extension InjectedFault {
  /// Reads a NetworkChaos of Chaos Mesh, alone or within a Schedule.
  ///
  /// The target of a verification is taken to be a pod that the chaos selects; with `direction: from` the fault then
  /// sits in the pods that its `target` selects, of which the prober is one, and with `both` in the two.
  /// - Parameter text: The YAML of one object.
  /// - Returns: What it injects, and where.
  /// - Throws: `ClaimError` that names what is missing or not understood, with its place.
  public static func networkChaos(_ text: String) throws(ClaimError) -> InjectedFault {
    let root = try document(text, "YAML")
    guard let kind = root["kind"]?.text else { throw ClaimError("it has no kind: NetworkChaos is needed") }
    let specification: YAMLNode?
    switch kind {
    case "NetworkChaos": specification = root["spec"]
    case "Schedule": specification = root["spec"]?["networkChaos"]
    default: throw ClaimError("its kind is \(kind.escaped), and NetworkChaos is needed")
    }
    guard let specification else { throw ClaimError("it has no spec of a NetworkChaos") }
    return try NetworkChaos(specification).fault()
  }

  /// The one document of a text.
  static func document(_ text: String, _ format: String) throws(ClaimError) -> YAMLNode {
    do throws(YAMLError) {
      if let root = try YAMLReader.read(text) { return root }
    } catch {
      throw ClaimError("it is not \(format): \(error.mark.map { "\($0): " } ?? "")\(error.problem.escaped)")
    }
    throw ClaimError("it is empty")
  }
}

/// The `spec` of a NetworkChaos (chaos-mesh.org/v1alpha1).
private struct NetworkChaos {
  private let node: YAMLNode

  init(_ node: YAMLNode) {
    self.node = node
  }

  func fault() throws(ClaimError) -> InjectedFault {
    guard let action = node["action"]?.text else { throw ClaimError("its spec has no action") }
    let path = try path()
    if action == "partition" { return .partition(path: path) }
    let parts = ["delay", "loss", "duplicate", "corrupt", "rate"]
    guard parts.contains(action) || action == "netem" else {
      throw ClaimError(
        action == "bandwidth"
          ? "its action is bandwidth, which single SYN segments do not feel: nothing could be verified"
          : "its action is '\(action.escaped)', none of \((parts + ["netem", "partition"]).joined(separator: ", "))")
    }
    var line = NetemLine()
    for part in parts where action == part || action == "netem" {
      if let values = node[part] { try read(part, values, into: &line) }
    }
    guard !line.words.isEmpty else { throw ClaimError("its action is \(action), and its spec has no '\(action)'") }
    return InjectedFault(netem: try line.spec(), path: path)
  }

  private func path() throws(ClaimError) -> FaultPath {
    switch node["direction"]?.text ?? "to" {
    case "to": return .peer
    case "from": return .egress
    case "both": return .both
    case let other: throw ClaimError("its direction is '\(other.escaped)', none of to, from, both")
    }
  }

  private func read(_ part: String, _ values: YAMLNode, into line: inout NetemLine) throws(ClaimError) {
    switch part {
    case "delay":
      line.add("delay")
      line.add(nanoseconds: try duration(values, "latency"))
      line.add(nanoseconds: try duration(values, "jitter"))
      line.add(share: try share(values, "correlation"))
      if let reorder = values["reorder"] {
        try add("reorder", reorder, into: &line)
        if let gap = try reorder.number("gap", upTo: 1e6), gap > 1 { line.add("gap \(Int(gap))") }
      }
    case "loss": try add("loss", values, into: &line, name: "loss random")
    case "rate":
      guard let rate = values["rate"]?.text, !rate.contains(where: \.isWhitespace) else {
        throw ClaimError("\(values.mark): it has no rate")
      }
      line.add("rate \(rate)")
    default: try add(part, values, into: &line)
    }
  }

  /// A share and its correlation.
  private func add(
    _ key: String, _ values: YAMLNode, into line: inout NetemLine, name: String? = nil
  ) throws(ClaimError) {
    line.add(name ?? key)
    line.add(share: try share(values, key))
    let correlation = try share(values, "correlation")
    if correlation > 0 { line.add(share: correlation) }
  }

  // MARK: Values

  private func duration(_ values: YAMLNode, _ key: String) throws(ClaimError) -> Int64 {
    guard let node = values[key] else { return 0 }
    let text = node.text ?? ""
    if ["0", "0s", "0ms", "0us"].contains(text) { return 0 }
    do throws(Duration.ParseError) { return try Duration.parse(text).nanoseconds } catch {
      throw ClaimError("\(node.mark): \(key): \(error)")
    }
  }

  /// A percentage, written without its sign.
  private func share(_ values: YAMLNode, _ key: String) throws(ClaimError) -> Double {
    try (values.number(key, upTo: 100) ?? 0) / 100
  }
}
