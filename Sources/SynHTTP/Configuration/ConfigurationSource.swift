package import SynEdge

/// Where the configuration comes from; it is read anew at each reload.
package struct ConfigurationSource: Sendable {
  /// The variable that names the file where no option does.
  private static let fileVariable = "SYNPROBE_CONFIG"

  private let options: ConfigurationLayer
  private let environment: [String: String]
  private let file: String?

  /// - Parameters:
  ///   - options: What the command line sets.
  ///   - file: The file that it names.
  ///   - environment: The variables of the process.
  package init(options: ConfigurationLayer, file: String?, environment: [String: String]) {
    self.options = options
    self.environment = environment
    self.file = file ?? environment[ConfigurationSource.fileVariable].flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Variables that look like settings and are none: misspelt, perhaps.
  ///
  /// Kubernetes has some of its own for a service
  /// of this name.
  package var unknownVariables: [String] {
    let known = Setting.allCases.map(\.variable) + [ConfigurationSource.fileVariable]
    let foreign = ["SYNPROBE_SERVICE_", "SYNPROBE_PORT"]
    return environment.keys.filter { name in
      name.hasPrefix("SYNPROBE_") && !known.contains(name) && !foreign.contains { name.hasPrefix($0) }
    }.sorted()
  }

  /// Reads all sources.
  /// - Throws: `ConfigurationError` with the option, the variable, or the place in the file.
  package func read() throws(ConfigurationError) -> ServiceConfiguration {
    var layers = [options, try environmentLayer()]
    if let file { layers.append(try ConfigurationFile(file).layer) }
    return try ServiceConfiguration(layers)
  }

  private func environmentLayer() throws(ConfigurationError) -> ConfigurationLayer {
    var layer = ConfigurationLayer()
    for setting in Setting.allCases {
      guard let text = environment[setting.variable], !text.isEmpty else { continue }
      let values = setting.isList ? text.split(separator: " ").map(String.init) : [text]
      try layer.set(setting, to: values, at: setting.variable)
    }
    return layer
  }
}
