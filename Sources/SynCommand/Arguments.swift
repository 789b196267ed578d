internal import ArgumentParser
internal import SynCore
internal import SynProbe

/// Readers of option values, whose errors say what is right.
enum Arguments {
  static func duration(_ text: String) throws -> Duration {
    do { return try Duration.parse(text) } catch { throw ValidationError("\(error)") }
  }

  static func rate(_ text: String) throws -> Double {
    guard let rate = Double(text), rate.isFinite else { throw ValidationError("'\(text.escaped)' is no number") }
    return rate
  }

  static func port(_ text: String) throws -> UInt16 {
    do { return try Target.parsePort(text) } catch { throw ValidationError("\(error)") }
  }
}
