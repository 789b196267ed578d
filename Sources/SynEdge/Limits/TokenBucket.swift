package import SynCore

/// Lets through so many events a second on the average, and so many at once (RFC 3290's token bucket).
package struct TokenBucket: Sendable {
  /// Events a second.
  package let rate: Double
  /// Events at once.
  package let burst: Double
  private var tokens: Double
  private var filled: MonotonicInstant

  /// Starts full.
  package init(rate: Double, burst: Double, at now: MonotonicInstant) {
    self.rate = rate
    self.burst = burst
    tokens = burst
    filled = now
  }

  /// Takes so many tokens; otherwise how long until there are enough.
  ///
  /// More than a burst are let through when the bucket is full, and owed: the average holds.
  package mutating func take(_ amount: Double = 1, at now: MonotonicInstant) -> Duration? {
    fill(at: now)
    let needed = min(amount, burst)
    if tokens >= needed {
      tokens -= amount
      return nil
    }
    return .nanoseconds(Int64((needed - tokens) / rate * 1e9))
  }

  /// Takes so many tokens whether they are there or not: what is owed is waited for by those who come next.
  package mutating func owe(_ amount: Double, at now: MonotonicInstant) {
    fill(at: now)
    tokens -= amount
  }

  private mutating func fill(at now: MonotonicInstant) {
    let elapsed = max(now.since(filled), .zero)
    tokens = min(tokens + elapsed.seconds * rate, burst)
    filled = now
  }

  /// Whether it is as good as new.
  package func isFull(at now: MonotonicInstant) -> Bool {
    tokens + max(now.since(filled), .zero).seconds * rate >= burst
  }
}
