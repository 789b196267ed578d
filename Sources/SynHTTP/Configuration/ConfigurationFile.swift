internal import SynCore
internal import SynEdge
internal import SynProbe
internal import SynSystem
internal import SynYAML

/// The YAML file of the configuration, read strictly: an unknown key, a wrong type or an alias is an error with its place.
struct ConfigurationFile {
  private static let largest = 1024 * 1024

  private let path: String
  private(set) var layer = ConfigurationLayer()

  /// Reads a file.
  /// - Throws: `ConfigurationError` with the line and column.
  init(_ path: String) throws(ConfigurationError) {
    try self.init(path, text: TextFile.configuration(path, atMost: ConfigurationFile.largest))
  }

  /// Reads the text of a file.
  init(_ path: String, text: String) throws(ConfigurationError) {
    self.path = path
    let root: YAMLNode?
    do throws(YAMLError) { root = try YAMLReader.read(text) } catch {
      throw ConfigurationError(path.escaped + (error.mark.map { ":\($0)" } ?? ""), error.problem)
    }
    guard let root, !root.isNull else { return }
    for (key, node) in try members(of: root, "the file") { try read(key, node) }
  }

  private mutating func read(_ key: String, _ node: YAMLNode) throws(ConfigurationError) {
    let place = place(node, key)
    switch key {
    case "limits": layer.limits = try LimitsReader(file: self).read(node)
    case "modules":
      for (name, module) in try members(of: node, key) {
        layer.modules[name] = try ModuleReader(file: self, name: name).read(module)
      }
    case "monitors":
      for (id, monitor) in try members(of: node, key) {
        layer.monitors.append(try MonitorSection(file: self, id: id, monitor))
      }
    default:
      guard let setting = Setting(rawValue: key) else {
        let known = Setting.allCases.map(\.rawValue) + ["limits", "modules", "monitors"]
        throw ConfigurationError(place, "there is no such key; the keys are \(known.joined(separator: ", "))")
      }
      var values = setting.isList ? try texts(of: node, key) : [try text(of: node, key)]
      if [.tokenFile, .tlsCertificate, .tlsKey, .state].contains(setting) { values = values.map(besideFile) }
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
  func place(_ node: YAMLNode, _ key: String) -> String {
    "\(path.escaped):\(node.mark): \(key.escaped)"
  }

  /// The members of a mapping.
  func members(of node: YAMLNode, _ key: String) throws(ConfigurationError) -> [(String, YAMLNode)] {
    guard case .mapping(let members) = node.content else {
      throw ConfigurationError(place(node, key), "a mapping is needed")
    }
    return members.map { ($0.key, $0.value) }
  }

  /// The text of a scalar.
  func text(of node: YAMLNode, _ key: String) throws(ConfigurationError) -> String {
    guard case .scalar(let text, _) = node.content, !node.isNull else {
      throw ConfigurationError(place(node, key), "one value is needed")
    }
    return text
  }

  private func texts(of node: YAMLNode, _ key: String) throws(ConfigurationError) -> [String] {
    guard case .sequence(let elements) = node.content else {
      throw ConfigurationError(place(node, key), "a list is needed")
    }
    var texts: [String] = []
    for element in elements { texts.append(try text(of: element, key)) }
    return texts
  }
}
