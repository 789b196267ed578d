internal import SynCore
internal import SynSystem

/// A SYN that is to leave, and by which way.
struct Departure {
  let specification: SynSpecification
  let route: Route

  /// The times between which the system call that sent it ran.
  typealias Call = (began: KernelTimestamp, ended: KernelTimestamp)
}
