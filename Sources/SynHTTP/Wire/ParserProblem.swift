internal import NIOHTTP1

extension Problem {
  /// What the parser refuses.
  init(parserError error: HTTPParserError) {
    switch error {
    case .headerOverflow: self.init(.headersTooLarge, "the header section is larger than 16 KiB")
    case .invalidVersion: self.init(.versionNotSupported, "the version is neither HTTP/1.1 nor HTTP/1.0")
    case .invalidMethod: self.init(.notImplemented, "the method is none of HTTP's")
    default: self.init(.badRequest, "the bytes are not a request of HTTP/1.1: \(error)")
    }
  }
}
