/// Text whose parts have colours, and whose width on a terminal is known.
struct StyledText {
  /// The colours that every terminal has (ECMA-48).
  enum Color: Int {
    case red = 31
    case green = 32
    case yellow = 33
    case magenta = 35
    case cyan = 36
  }

  private struct Part {
    var text: String
    let color: Color?
    let ground: Color?
  }

  private var parts: [Part] = []
  /// Columns that it takes.
  private(set) var width = 0

  /// Nothing, or a text without a colour.
  init(_ text: String = "") {
    if !text.isEmpty { add(text) }
  }

  /// Adds a text in a colour, on a ground of another.
  mutating func add(_ text: String, _ color: Color? = nil, on ground: Color? = nil) {
    width += text.count
    if let last = parts.indices.last, parts[last].color == color, parts[last].ground == ground {
      parts[last].text += text
    } else {
      parts.append(Part(text: text, color: color, ground: ground))
    }
  }

  /// The first columns of it, as a terminal takes them.
  func terminalText(columns: Int) -> String {
    var left = columns
    var text = ""
    for part in parts where left > 0 {
      let shown = part.text.prefix(left)
      left -= shown.count
      let codes = [part.color?.rawValue, part.ground.map { $0.rawValue + 10 }].compactMap { $0 }.map(String.init)
      text += codes.isEmpty ? String(shown) : "\u{1b}[\(codes.joined(separator: ";"))m\(shown)\u{1b}[0m"
    }
    return text
  }
}
