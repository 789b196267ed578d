/// What is wrong with the configuration, and where: an option, a variable, or a place in a file.
public struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// One sentence.
  public let description: String

  init(_ place: String, _ text: String) {
    description = "\(place): \(text)"
  }

  init(_ text: String) {
    description = text
  }
}
