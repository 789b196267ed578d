internal import CSynProbe
internal import SynCore
internal import SynProbe

/// Why a function fails: its error code, and the message for people.
struct ABIError: Error {
  let code: Int32
  let message: String

  init(_ code: Int32, _ message: String) {
    self.code = code
    self.message = message
  }

  /// An argument is wrong.
  static func invalid(_ message: String) -> ABIError { ABIError(ErrorCode.invalid, message) }

  init(_ error: ProberError) {
    switch error.code {
    case .notPermitted: self.init(ErrorCode.permission, ([error.message] + error.remedies).joined(separator: "\n  "))
    default: self.init(ErrorCode.system, error.message)
    }
  }
}

/// The error codes of synprobe.h.
enum ErrorCode {
  static let invalid: Int32 = -1
  static let permission: Int32 = -2
  static let system: Int32 = -3
  static let again: Int32 = -4
  static let space: Int32 = -5
  static let ticket: Int32 = -6
  static let internalFault: Int32 = -7

  /// Texts that live as long as the library.
  private static let words: [Int32: StaticString] = [
    0: "success", invalid: "invalid argument", permission: "CAP_NET_RAW is needed and missing",
    system: "the operating system refused", again: "no result yet", space: "the buffer is too small",
    ticket: "no such ticket", internalFault: "internal fault",
  ]

  @inline(never)
  static func words(of error: Int32) -> UnsafePointer<CChar> {
    let text = words[error] ?? "unknown error"
    return UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
  }
}

/// Bounds of what is asked for.
enum Limits {
  /// A day, nanoseconds.
  static let longest: Int64 = 86_400_000_000_000
  /// The longest wait of one poll, nanoseconds: a year.
  static let longestWait: Int64 = 365 * longest
  static let mostProbes: UInt32 = 1_000_000
}
