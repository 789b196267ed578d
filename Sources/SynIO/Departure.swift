internal import SynCore
internal import SynSystem

/// A SYN that is to leave, and by which way.
struct Departure {
  let specification: SynSpecification
  let route: Route
  /// Until when it may wait for room in this host: then it is refused, and not the network's to lose.
  let patience: MonotonicInstant
  /// How often it was refused, and nothing told by what.
  var riddles = 0

  /// The times between which the system call that sent it ran.
  typealias Call = (began: KernelTimestamp, ended: KernelTimestamp)
}
