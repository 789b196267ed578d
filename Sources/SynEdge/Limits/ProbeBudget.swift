package import SynCore
package import SynWire
internal import Synchronization

/// How many probes a second are sent in all, and to one address, whoever asks: third parties are probed, not flooded.
///
/// A series is charged when it begins; one that ends when it knows enough, for its first second then, and for the rest
/// when it has ended.
package final class ProbeBudget: Sendable {
  private struct Buckets {
    var all: TokenBucket?
    /// Probes a second of series without an end, in all and to each address.
    var reserved = 0.0
    var reservations: [IPAddress: Double] = [:]
    var addresses = BoundedTable<IPAddress, TokenBucket>(most: 10_000, shared: IPAddress(v4: 0))
  }

  private let buckets = Mutex(Buckets())

  package init() {}

  /// Charges a series of `count` probes.
  /// - Throws: `Problem` when it is more than may be sent for now.
  package func take(_ count: Int, to target: IPAddress, _ limits: ServiceLimits, at now: MonotonicInstant)
    throws(Problem)
  {
    let (wait, words) = buckets.withLock { buckets -> (Duration?, String) in
      var all = ProbeBudget.bucket(buckets.all, limits.probesPerSecond, now)
      let fresh = ProbeBudget.bucket(nil, limits.probesPerSecondPerAddress, now)
      return buckets.addresses.update(target, fresh: fresh, isAsNew: { $0.isFull(at: now) }) { known in
        var single = ProbeBudget.bucket(known, limits.probesPerSecondPerAddress, now)
        if let wait = single.take(Double(count), at: now) {
          return (wait, "\(target) has been asked for more than \(limits.probesPerSecondPerAddress) probes a second")
        }
        if let wait = all.take(Double(count), at: now) {
          return (wait, "more than \(limits.probesPerSecond) probes a second have been asked for")
        }
        // Only what is sent is charged.
        known = single
        buckets.all = all
        return (nil, "")
      }
    }
    if let wait { throw Problem(.rateLimited, words, retryAfter: wait) }
  }

  /// Reserves a rate for a series without an end: what is charged as it runs must not grow faster than it is paid.
  /// - Throws: `Problem` when all such series together would take more than may be sent.
  package func reserve(_ rate: Double, to target: IPAddress, _ limits: ServiceLimits) throws(Problem) {
    let words = buckets.withLock { buckets -> String? in
      let single = buckets.reservations[target, default: 0] + rate
      if single > Double(limits.probesPerSecondPerAddress) {
        return
          "\(target) is asked all the time for as much as \(limits.probesPerSecondPerAddress) probes a second allow"
      }
      guard buckets.reserved + rate <= Double(limits.probesPerSecond) else {
        return "as much as \(limits.probesPerSecond) probes a second allow is probed all the time"
      }
      buckets.reservations[target] = single
      buckets.reserved += rate
      return nil
    }
    if let words { throw Problem(.rateLimited, words, retryAfter: .seconds(60)) }
  }

  /// Gives a reserved rate back.
  package func release(_ rate: Double, of target: IPAddress) {
    buckets.withLock { buckets in
      let left = buckets.reservations[target, default: 0] - rate
      buckets.reservations[target] = left > 1e-6 ? left : nil
      buckets.reserved = buckets.reservations.isEmpty ? 0 : max(buckets.reserved - rate, 0)
    }
  }

  /// Charges probes that were sent beyond what their series was charged for when it began.
  package func owe(_ count: Int, to target: IPAddress, _ limits: ServiceLimits, at now: MonotonicInstant) {
    guard count > 0 else { return }
    buckets.withLock { buckets in
      var all = ProbeBudget.bucket(buckets.all, limits.probesPerSecond, now)
      all.owe(Double(count), at: now)
      buckets.all = all
      let fresh = ProbeBudget.bucket(nil, limits.probesPerSecondPerAddress, now)
      buckets.addresses.update(target, fresh: fresh, isAsNew: { $0.isFull(at: now) }) { known in
        known = ProbeBudget.bucket(known, limits.probesPerSecondPerAddress, now)
        known.owe(Double(count), at: now)
      }
    }
  }

  /// The bucket there is, unless a reload has changed its rate.
  private static func bucket(_ known: TokenBucket?, _ rate: Int, _ now: MonotonicInstant) -> TokenBucket {
    if let known, known.rate == Double(rate) { return known }
    return TokenBucket(rate: Double(rate), burst: Double(rate), at: now)
  }
}
