internal import SynCore

/// Finds out that a first word is a misspelt command, before it is taken for a target.
enum NearestCommand {
  /// The message about a first word that is neither a command nor can be a target; nil where it may be right.
  ///
  /// A host needs a port: behind it, as a word of its own, or by `--port`.
  static func objection(to arguments: [String], commands: [String]) -> String? {
    guard let word = arguments.first, looksLikeCommand(word), !commands.contains(word) else { return nil }
    let mayHavePort =
      arguments.dropFirst().first.map(TargetWords.isPort) ?? false
      || arguments.contains { $0.hasPrefix("-p") || $0.hasPrefix("--port") || $0.hasPrefix("--targets") }
    guard !mayHavePort else { return nil }
    let nearest = commands.min { distance(word, $0) < distance(word, $1) }
    let guess = nearest.map { ": the nearest is '\($0)'" } ?? ""
    return "there is no command '\(word.escaped)'\(guess); a target needs a port, as \(word.escaped):80"
  }

  /// Letters and hyphens: what commands are made of.
  private static func looksLikeCommand(_ word: String) -> Bool {
    !word.isEmpty && word.first != "-" && word.count <= 20
      && word.utf8.allSatisfy {
        (0x61...0x7a).contains($0 | 0x20) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "3")
      }
  }

  /// How many letters must be put in, taken out, changed or swapped with the next (optimal string alignment).
  static func distance(_ first: String, _ second: String) -> Int {
    let (a, b) = (Array(first.lowercased().utf8), Array(second.utf8))
    var rows = [Array(0...b.count)]
    for i in 1...max(a.count, 1) where i <= a.count {
      var row = [i]
      for j in 1...max(b.count, 1) where j <= b.count {
        let same = a[i - 1] == b[j - 1]
        var best = min(rows[i - 1][j] + 1, row[j - 1] + 1, rows[i - 1][j - 1] + (same ? 0 : 1))
        if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { best = min(best, rows[i - 2][j - 2] + 1) }
        row.append(best)
      }
      rows.append(row)
    }
    return rows[a.count][b.count]
  }
}
