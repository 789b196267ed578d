internal import SynCore

/// Lets through so many events a second on the average, and so many at once (RFC 3290's token bucket).
struct TokenBucket: Sendable {
  /// Events a second.
  let rate: Double
  /// Events at once.
  let burst: Double
  private var tokens: Double
  private var filled: MonotonicInstant

  /// Starts full.
  init(rate: Double, burst: Double, at now: MonotonicInstant) {
    self.rate = rate
    self.burst = burst
    tokens = burst
    filled = now
  }

  /// Takes one token; otherwise how long until there is one.
  mutating func take(at now: MonotonicInstant) -> Duration? {
    let elapsed = max(now.since(filled), .zero)
    tokens = min(tokens + elapsed.seconds * rate, burst)
    filled = now
    if tokens >= 1 {
      tokens -= 1
      return nil
    }
    return .nanoseconds(Int64((1 - tokens) / rate * 1e9))
  }

  /// Whether it is as good as new.
  func isFull(at now: MonotonicInstant) -> Bool {
    tokens + max(now.since(filled), .zero).seconds * rate >= burst
  }
}

extension Duration {
  /// This duration in seconds.
  var seconds: Double { Double(nanoseconds) / 1e9 }
}
