extension String {
  /// The text in a buffer that a C function has filled, up to its zero byte.
  package init(terminated buffer: [CChar]) {
    self.init(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
