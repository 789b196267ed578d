internal import Glibc
internal import SynCore
internal import SynProbe

/// Reads files of the configuration: small ones, or not at all.
enum TextFile {
  /// The text of a file of up to `most` bytes.
  /// - Throws: `ConfigurationError` with the system's words.
  static func read(_ path: String, atMost most: Int) throws(ConfigurationError) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw failure(path) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while bytes.count <= most {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      guard count >= 0 else { throw failure(path) }
      if count == 0 { break }
      bytes += buffer.prefix(count)
    }
    guard bytes.count <= most else { throw ConfigurationError(path.escaped, "larger than \(most / 1024) KiB") }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw ConfigurationError(path.escaped, "not UTF-8")
    }
    return text
  }

  private static func failure(_ path: String) -> ConfigurationError {
    ConfigurationError(path.escaped, String(cString: strerror(errno)))
  }
}
