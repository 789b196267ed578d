internal import Glibc

/// Small files of /proc and /sys, which may not be mounted, or not be for us to read.
enum SystemFile {
  private static let most = 1 << 20

  /// The text of a file; nil where it cannot be read.
  static func text(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16_384)
    while bytes.count < most {
      let got = read(descriptor, &buffer, buffer.count)
      if got < 0 { return nil }
      if got == 0 { break }
      bytes += buffer.prefix(got)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The first line of a file.
  static func line(_ path: String) -> String? {
    text(path).map { String($0.prefix { !$0.isNewline }) }
  }

  /// The whole numbers in the first line of a file.
  static func numbers(_ path: String) -> [Int]? {
    line(path)?.split { $0 == " " || $0 == "\t" }.compactMap { Int($0) }
  }

  /// The names in a folder, without `.` and `..`; nil where it cannot be read.
  static func names(in path: String) -> [String]? {
    guard let folder = opendir(path) else { return nil }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Whether a file or folder is there.
  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
}
