/// Text across the border to C.
enum CText {
  /// A text of C's; nil for NULL.
  /// - Throws: `ABIError` for what is no UTF-8.
  static func read(_ text: UnsafePointer<CChar>?, _ name: String) throws(ABIError) -> String? {
    guard let text else { return nil }
    guard let read = String(validatingCString: text) else { throw .invalid("\(name) is not UTF-8") }
    return read
  }

  /// Writes a text and a zero byte, cut to whole characters where it does not fit.
  static func write(_ text: String, to buffer: UnsafeMutablePointer<CChar>, _ capacity: Int) {
    guard capacity > 0 else { return }
    var count = 0
    for scalar in text.unicodeScalars {
      let bytes = Array(String(scalar).utf8)
      guard count + bytes.count < capacity else { break }
      for byte in bytes {
        buffer[count] = CChar(bitPattern: byte)
        count += 1
      }
    }
    buffer[count] = 0
  }
}
