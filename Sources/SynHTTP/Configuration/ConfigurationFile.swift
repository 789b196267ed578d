internal import SynProbe
internal import Yams

/// The YAML file of the configuration, read strictly: an unknown key, a wrong type or an alias is an error with its place.
struct ConfigurationFile {
  private static let largest = 1024 * 1024

  private let path: String
  private(set) var layer = ConfigurationLayer()

  /// Reads a file.
  /// - Throws: `ConfigurationError` with the line and column.
  init(_ path: String) throws(ConfigurationError) {
    try self.init(path, text: TextFile.read(path, atMost: ConfigurationFile.largest))
  }

  /// Reads the text of a file.
  init(_ path: String, text: String) throws(ConfigurationError) {
    self.path = path
    let root: Node?
    do {
      root = try Yams.compose(yaml: text)
    } catch {
      throw ConfigurationError(ConfigurationFile.describe(error, path))
    }
    guard let root, !isNull(root) else { return }
    for (key, node) in try members(of: root, "the file") { try read(key, node) }
  }

  private mutating func read(_ key: String, _ node: Node) throws(ConfigurationError) {
    let place = place(node, key)
    switch key {
    case "limits": layer.limits = try LimitsReader(file: self).read(node)
    case "modules":
      for (name, module) in try members(of: node, key) {
        layer.modules[name] = try ModuleReader(file: self, name: name).read(module)
      }
    default:
      guard let setting = Setting(rawValue: key) else {
        let known = Setting.allCases.map(\.rawValue) + ["limits", "modules"]
        throw ConfigurationError(place, "there is no such key; the keys are \(known.joined(separator: ", "))")
      }
      var values = setting.isList ? try texts(of: node, key) : [try text(of: node, key)]
      if [.tokenFile, .tlsCertificate, .tlsKey].contains(setting) { values = values.map(besideFile) }
      try layer.set(setting, to: values, at: place)
    }
  }

  /// A path that is not absolute begins at the file's folder.
  private func besideFile(_ text: String) -> String {
    guard !text.isEmpty, !text.hasPrefix("/"), let slash = path.lastIndex(of: "/") else { return text }
    return path[...slash] + text
  }

  // MARK: Nodes

  /// The place of a node, for an error.
  func place(_ node: Node, _ key: String) -> String {
    let mark = node.mark.map { ":\($0.line):\($0.column)" } ?? ""
    return "\(path.escaped)\(mark): \(key.escaped)"
  }

  /// The members of a mapping, whose keys are texts.
  func members(of node: Node, _ key: String) throws(ConfigurationError) -> [(String, Node)] {
    guard case .mapping(let mapping) = node else { throw ConfigurationError(place(node, key), "a mapping is needed") }
    var members: [(String, Node)] = []
    for (name, value) in mapping {
      guard case .scalar(let scalar) = name else { throw ConfigurationError(place(name, key), "a key is a text") }
      members.append((scalar.string, value))
    }
    return members
  }

  /// The text of a scalar.
  func text(of node: Node, _ key: String) throws(ConfigurationError) -> String {
    guard case .scalar(let scalar) = node, !isNull(node) else {
      throw ConfigurationError(place(node, key), "one value is needed")
    }
    return scalar.string
  }

  private func texts(of node: Node, _ key: String) throws(ConfigurationError) -> [String] {
    guard case .sequence(let sequence) = node else { throw ConfigurationError(place(node, key), "a list is needed") }
    var texts: [String] = []
    for element in sequence { texts.append(try text(of: element, key)) }
    return texts
  }

  private func isNull(_ node: Node) -> Bool {
    guard case .scalar(let scalar) = node, scalar.style == .plain else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
  }

  private static func describe(_ error: any Error, _ path: String) -> String {
    switch error {
    case YamlError.scanner(_, let problem, let mark, _), YamlError.parser(_, let problem, let mark, _),
      YamlError.composer(_, let problem, let mark, _):
      "\(path.escaped):\(mark.line):\(mark.column): \(problem)"
    case YamlError.reader(let problem, _, _, _): "\(path.escaped): \(problem)"
    case YamlError.duplicatedKeysInMapping(let duplicates, let context):
      "\(path.escaped):\(context.mark.line):\(context.mark.column): the key \(duplicates.map(\.escaped).joined(separator: ", ")) is given twice"
    default: "\(path.escaped): no YAML"
    }
  }
}
