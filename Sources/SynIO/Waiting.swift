internal import CSyn
package import SynCore

/// Waits on this thread until a descriptor is ready or a moment has come.
package enum Waiting {
  /// Returns when one of `descriptors` is readable, at `deadline`, or at the arrival of a signal; nil waits for ever.
  package static func wait(for descriptors: [Int32], until deadline: MonotonicInstant?) {
    let nanoseconds = deadline.map { max($0.since(SystemClock.now()).nanoseconds, 0) } ?? -1
    _ = csyn_wait(descriptors, descriptors.count, nanoseconds)
  }
}
