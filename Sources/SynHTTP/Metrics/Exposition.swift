/// The two text formats of Prometheus: 0.0.4, and OpenMetrics 1.0.
enum Exposition: Sendable {
  case text
  case openMetrics

  /// What a client asks for with its header field Accept: OpenMetrics where it names it at least as gladly.
  init(accept: String?) {
    var best: (format: Exposition, quality: Double) = (.text, 0)
    for entry in (accept ?? "").lowercased().split(separator: ",") {
      let parts = entry.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
      guard let type = parts.first else { continue }
      let quality = parts.compactMap { $0.hasPrefix("q=") ? Double($0.dropFirst(2)) : nil }.first ?? 1
      let format: Exposition? =
        switch type {
        case "application/openmetrics-text" where Exposition.isSpoken(parts): .openMetrics
        case "text/plain": .text
        default: nil
        }
      if let format, quality > best.quality { best = (format, quality) }
    }
    self = best.format
  }

  private static func isSpoken(_ parts: [String]) -> Bool {
    parts.allSatisfy { !$0.hasPrefix("version=") || ["version=1.0.0", "version=0.0.1"].contains($0) }
  }

  /// The media type of what is written.
  var contentType: String {
    switch self {
    case .text: "text/plain; version=0.0.4; charset=utf-8"
    case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
    }
  }

  /// The families as text.
  func write(_ families: [MetricFamily]) -> String {
    var text = ""
    for family in families where !family.samples.isEmpty { write(family, to: &text) }
    if case .openMetrics = self { text += "# EOF\n" }
    return text
  }

  private func write(_ family: MetricFamily, to text: inout String) {
    let (name, kind) = header(family)
    text += "# HELP \(name) \(Exposition.escape(family.help))\n# TYPE \(name) \(kind)\n"
    for sample in family.samples {
      text += family.name
      text += sample.suffix
      if !sample.labels.isEmpty {
        let labels = sample.labels.map { "\($0.name)=\"\(Exposition.escape($0.value, quotes: true))\"" }
        text += "{\(labels.joined(separator: ","))}"
      }
      text += " \(sample.value)\n"
    }
  }

  /// In 0.0.4 a counter is known by its full name, and an info is a gauge.
  private func header(_ family: MetricFamily) -> (name: String, kind: String) {
    switch (self, family.kind) {
    case (.text, .counter): ("\(family.name)_total", "counter")
    case (.text, .info): ("\(family.name)_info", "gauge")
    default: (family.name, family.kind.rawValue)
    }
  }

  private static func escape(_ text: String, quotes: Bool = false) -> String {
    guard text.utf8.contains(where: { [0x5c, 0x0a, 0x22].contains($0) }) else { return text }
    return text.unicodeScalars.reduce(into: "") { escaped, scalar in
      switch scalar {
      case "\\": escaped += "\\\\"
      case "\n": escaped += "\\n"
      case "\"" where quotes: escaped += "\\\""
      default: escaped.unicodeScalars.append(scalar)
      }
    }
  }
}
