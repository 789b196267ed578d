internal import NIOHTTP1

extension Problem {
  /// What the parser refuses.
  init(parserError error: HTTPParserError) {
    switch error {
    case .headerOverflow: self.init(.headersTooLarge, "the header section is larger than 16 KiB")
    case .invalidVersion: self.init(.versionNotSupported, "the version is neither HTTP/1.1 nor HTTP/1.0")
    case .invalidMethod: self.init(.notImplemented, "the method is none of HTTP's")
    case .invalidHeaderToken: self.init(.badRequest, "a header field has characters that it must not have")
    case .invalidContentLength, .unexpectedContentLength:
      self.init(.badRequest, "the length of the body is no number, or is given twice")
    case .invalidChunkSize: self.init(.badRequest, "the size of a chunk is no number")
    case .invalidURL: self.init(.badRequest, "the request's target is no URL")
    default: self.init(.badRequest, "the bytes are not a request of HTTP/1.1")
    }
  }
}
