internal import CSyn
package import SynCore

/// Waits on this thread until a descriptor is ready or a moment has come.
package enum Waiting {
  /// Returns when one of `descriptors` is readable, at `deadline`, or at the arrival of a signal; nil waits for ever.
  ///
  /// True when one is readable.
  @discardableResult
  package static func wait(for descriptors: [Int32], until deadline: MonotonicInstant?) -> Bool {
    let nanoseconds = deadline.map { max($0.since(SystemClock.now()).nanoseconds, 0) } ?? -1
    return csyn_wait(descriptors, descriptors.count, nanoseconds) > 0
  }
}
