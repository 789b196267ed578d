internal import SynCore
public import SynVerdict
internal import SynVerify
internal import SynYAML

extension InjectedFault {
  /// Reads a NetworkChaos of Chaos Mesh: alone, within a Schedule, a Workflow or a List, or among other documents.
  ///
  /// The target of a verification is taken to be a pod that the chaos selects; with `direction: from` the fault then
  /// sits in the pods that its `target` selects, of which the prober is one, and with `both` in the two.
  /// - Parameters:
  ///   - text: YAML of one document or several.
  ///   - name: Of several NetworkChaos that of this name is meant.
  /// - Returns: What it injects, and where.
  /// - Throws: `ClaimError` that names what is missing or not understood, with its place.
  public static func networkChaos(_ text: String, named name: String? = nil) throws(ClaimError) -> InjectedFault {
    let documents = try documents(text)
    let found = NamedChaos.all(in: documents)
    if let template = found.lazy.compactMap({ $0.specification.template }).first { throw helm(template) }
    let meant = name == nil ? found : found.filter { $0.name == name }
    guard let first = meant.first else { throw none(found, name, in: documents) }
    guard meant.count == 1 else {
      throw ClaimError(
        "there are \(meant.count) NetworkChaos in it, \(names(meant)): choose one by FILE#NAME")
    }
    return try NetworkChaos(first.specification).fault()
  }

  private static func none(_ found: [NamedChaos], _ name: String?, in documents: [YAMLNode]) -> ClaimError {
    if let name, !found.isEmpty {
      return ClaimError("no NetworkChaos in it has the name \(name.escaped): \(names(found)) are there")
    }
    let kinds = documents.compactMap { $0["kind"]?.text?.escaped }
    guard !kinds.isEmpty else { return ClaimError("it has no kind: NetworkChaos is needed") }
    let isChaos = kinds.contains { NamedChaos.kinds.contains($0) }
    return ClaimError(
      isChaos
        ? "it has no spec of a NetworkChaos"
        : "its kind is \(kinds.joined(separator: ", ")), and NetworkChaos is needed")
  }

  private static func names(_ found: [NamedChaos]) -> String {
    found.map { $0.name?.escaped ?? "one without a name" }.joined(separator: ", ")
  }

  private static func helm(_ mark: YAMLMark) -> ClaimError {
    ClaimError("\(mark): a Helm template that is not rendered: give what helm template prints")
  }

  /// Every document of a text.
  private static func documents(_ text: String) throws(ClaimError) -> [YAMLNode] {
    let documents: [YAMLNode]
    do throws(YAMLError) { documents = try YAMLReader.readAll(text) } catch {
      if let mark = YAMLMark.first("{{", in: text) { throw helm(mark) }
      throw ClaimError("it is not YAML: \(error.mark.map { "\($0): " } ?? "")\(error.problem.escaped)")
    }
    guard !documents.isEmpty else { throw ClaimError("it is empty") }
    return documents
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

/// A NetworkChaos in a document, with its name.
private struct NamedChaos {
  let name: String?
  let specification: YAMLNode

  static let kinds = ["NetworkChaos", "Schedule", "Workflow", "List", "NetworkChaosList"]

  static func all(in documents: [YAMLNode]) -> [NamedChaos] { documents.flatMap { all(in: $0) } }

  private static func all(in node: YAMLNode) -> [NamedChaos] {
    let name = node["metadata"]?["name"]?.text
    let specification = node["spec"]
    switch node["kind"]?.text {
    case "NetworkChaos": return specification.map { [NamedChaos(name: name, specification: $0)] } ?? []
    case "Schedule":
      return specification?["networkChaos"].map { [NamedChaos(name: name, specification: $0)] } ?? []
    case "Workflow":
      return (specification?["templates"]?.elements ?? []).compactMap { template in
        template["networkChaos"].map { NamedChaos(name: template["name"]?.text, specification: $0) }
      }
    case "List", "NetworkChaosList": return all(in: node["items"]?.elements ?? [])
    default: return []
    }
  }
}

extension YAMLNode {
  /// Where a text of the node holds a template that is not rendered; nil where none does.
  fileprivate var template: YAMLMark? {
    switch content {
    case .scalar(let text, _): text.hasPrefix("{{") ? mark : nil
    case .sequence(let elements): elements.lazy.compactMap(\.template).first
    case .mapping(let members): members.lazy.compactMap(\.value.template).first
    }
  }
}

extension YAMLNode {
  /// A member that is not known may change what is injected: it is no more guessed at than ignored.
  /// - Throws: `ClaimError` that names the first one.
  fileprivate func check(_ place: String, knows keys: [String]) throws(ClaimError) {
    guard case .mapping(let members) = content, let other = members.first(where: { !keys.contains($0.key) }) else {
      return
    }
    throw ClaimError("\(other.value.mark): \(place) has '\(other.key.escaped)', which is not understood")
  }
}

extension YAMLMark {
  /// Where a part is first found in a text.
  fileprivate static func first(_ part: String, in text: String) -> YAMLMark? {
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      var rest = line[...]
      while !rest.isEmpty {
        if rest.hasPrefix(part) {
          return YAMLMark(line: number + 1, column: line.distance(from: line.startIndex, to: rest.startIndex) + 1)
        }
        rest = rest.dropFirst()
      }
    }
    return nil
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
    try node.check("its spec", knows: NetworkChaos.keys)
    let path = try path()
    if action == "partition" { return InjectedFault(try partition(), path: path) }
    if action == "bandwidth" { return InjectedFault(.shaper(try bandwidth()), path: path) }
    let parts = ["delay", "loss", "duplicate", "corrupt", "rate"]
    guard parts.contains(action) || action == "netem" else {
      let all = parts + ["netem", "bandwidth", "partition"]
      throw ClaimError("its action is '\(action.escaped)', none of \(all.joined(separator: ", "))")
    }
    var line = NetemLine()
    for part in parts where action == part || action == "netem" {
      if let values = node[part] { try read(part, values, into: &line) }
    }
    guard !line.words.isEmpty else { throw ClaimError("its action is \(action), and its spec has no '\(action)'") }
    return InjectedFault(netem: try line.spec(), path: path)
  }

  /// The members of a spec, of which some do not concern what happens to a packet that is hit.
  private static let keys = [
    "action", "mode", "value", "selector", "containerNames", "duration", "device", "direction", "target",
    "targetDevice",
    "externalTargets", "remoteCluster", "delay", "loss", "duplicate", "corrupt", "bandwidth", "rate",
    "partitionBehavior", "scheduler",
  ]
  /// The members of each part.
  private static let partKeys = [
    "delay": ["latency", "correlation", "jitter", "reorder"], "reorder": ["reorder", "correlation", "gap"],
    "loss": ["loss", "correlation"], "duplicate": ["duplicate", "correlation"], "corrupt": ["corrupt", "correlation"],
    "rate": ["rate"], "bandwidth": ["rate", "limit", "buffer", "peakrate", "minburst"],
  ]

  private func partition() throws(ClaimError) -> InjectedFault.Effect {
    switch node["partitionBehavior"]?.text ?? "drop" {
    case "drop": return .partition
    case "reject": return .refusal
    case let other: throw ClaimError("its partitionBehavior is '\(other.escaped)', none of drop, reject")
    }
  }

  /// A tbf, as Chaos Mesh makes one: `buffer` is its bucket.
  private func bandwidth() throws(ClaimError) -> Shaper {
    guard let values = node["bandwidth"] else {
      throw ClaimError("its action is bandwidth, and its spec has no 'bandwidth'")
    }
    try values.check("'bandwidth'", knows: NetworkChaos.partKeys["bandwidth"] ?? [])
    guard let rate = values["rate"]?.text, let bytes = NetemSpec.rate(rate) else {
      throw ClaimError("\(values.mark): it has no rate, as 1mbps")
    }
    return Shaper(rate: BitRate(bytes * 8), bucket: Int(try values.number("buffer", upTo: 4e9) ?? 0))
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
    try values.check("'\(part)'", knows: NetworkChaos.partKeys[part] ?? [])
    switch part {
    case "delay":
      line.add("delay")
      line.add(nanoseconds: try duration(values, "latency"))
      line.add(nanoseconds: try duration(values, "jitter"))
      line.add(share: try share(values, "correlation"))
      if let reorder = values["reorder"] {
        try reorder.check("'reorder'", knows: NetworkChaos.partKeys["reorder"] ?? [])
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
