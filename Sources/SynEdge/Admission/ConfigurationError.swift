internal import SynCore
internal import SynSystem

/// What is wrong with the configuration, and where: an option, a variable, or a place in a file.
public struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// One sentence.
  public let description: String

  package init(_ place: String, _ text: String) {
    description = "\(place): \(text)"
  }

  package init(_ text: String) {
    description = text
  }
}

extension TextFile {
  /// The text of a file that the configuration names.
  /// - Throws: `ConfigurationError` with its path and the system's words.
  package static func configuration(_ path: String, atMost most: Int) throws(ConfigurationError) -> String {
    do throws(Failure) { return try read(path, atMost: most) } catch {
      throw ConfigurationError(path.escaped, "\(error)")
    }
  }
}
