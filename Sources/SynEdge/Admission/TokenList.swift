internal import SynCore
internal import SynProbe
internal import SynSystem

/// The bearer tokens that are let in.
package struct TokenList: Sendable {
  private static let largestFile = 64 * 1024
  /// The longest token, bytes.
  private static let longest = 512

  private let tokens: [[UInt8]]

  /// Reads a file: one token a line; empty lines and those that begin with `#` are none.
  /// - Throws: `ConfigurationError`; a token itself is never in it.
  package init(file path: String) throws(ConfigurationError) {
    try self.init(text: TextFile.configuration(path, atMost: TokenList.largestFile), path: path)
  }

  /// Reads the text of a file.
  package init(text: String, path: String) throws(ConfigurationError) {
    var tokens: [[UInt8]] = []
    // As octets: "\r\n" is one character, which is not "\n".
    for (index, line) in text.utf8.split(separator: 0x0a, omittingEmptySubsequences: false).enumerated() {
      let token = Array(line.last == 0x0d ? line.dropLast() : line)
      if token.isEmpty || token.first == UInt8(ascii: "#") { continue }
      guard token.count <= TokenList.longest, token.allSatisfy({ (0x21...0x7e).contains($0) }) else {
        throw ConfigurationError(
          "\(path.escaped):\(index + 1)",
          "a token is up to \(TokenList.longest) visible ASCII characters without spaces")
      }
      tokens.append(token)
    }
    guard !tokens.isEmpty else {
      throw ConfigurationError(path.escaped, "there is no token in it: write one on a line")
    }
    self.tokens = tokens
  }

  /// Whether `text` is one of the tokens.
  ///
  /// It takes the same time for any text of one length: each token is compared to its end.
  package func contains(_ text: String) -> Bool {
    let given = Array(text.utf8.prefix(TokenList.longest + 1))
    var isFound: UInt8 = 0
    for token in tokens { isFound |= TokenList.isEqual(token, given) }
    return isFound == 1
  }

  private static func isEqual(_ token: [UInt8], _ given: [UInt8]) -> UInt8 {
    var difference = UInt(bitPattern: token.count ^ given.count)
    for index in token.indices {
      difference |= UInt(token[index] ^ (index < given.count ? given[index] : 0))
    }
    return difference == 0 ? 1 : 0
  }
}
