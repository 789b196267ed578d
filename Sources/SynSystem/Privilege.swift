internal import CSyn
internal import Glibc

/// The capabilities of the calling thread: effective only while a socket is opened.
///
/// Linux keeps them for each thread apart, so each thread of the package lowers its own.
package enum Privilege {
  /// Capabilities as bits (capabilities(7)).
  package struct Set: OptionSet, Hashable, Sendable {
    package let rawValue: UInt64

    package init(rawValue: UInt64) {
      self.rawValue = rawValue
    }

    /// CAP_NET_RAW: raw sockets, captures, and from Linux 5.17 on firewall marks.
    package static let netRaw = Set(rawValue: 1 << UInt64(CSYN_NET_RAW))
    /// CAP_NET_ADMIN: firewall marks on older kernels, and large receive buffers.
    package static let netAdmin = Set(rawValue: 1 << UInt64(CSYN_NET_ADMIN))
    /// CAP_NET_BIND_SERVICE: source ports below 1024.
    package static let bindService = Set(rawValue: 1 << UInt64(CSYN_NET_BIND_SERVICE))
    /// Whatever opening a socket may need.
    package static let sockets: Set = [.netRaw, .netAdmin, .bindService]
    /// CAP_SYS_NICE: a real-time priority.
    package static let scheduling = Set(rawValue: 1 << UInt64(CSYN_SYS_NICE))
    /// CAP_BPF, CAP_PERFMON: the kernel's own tracepoints; CAP_SYSLOG: the names of its functions.
    package static let tracing = Set(
      rawValue: 1 << UInt64(CSYN_BPF) | 1 << UInt64(CSYN_PERFMON) | 1 << UInt64(CSYN_SYSLOG))
  }

  /// What this thread may make effective.
  package static var permitted: Set { Set(rawValue: read().permitted) }

  /// What is in force in this thread now.
  package static var effective: Set { Set(rawValue: read().effective) }

  /// Gives up all but `kept`, of which nothing stays effective, and the gain of any privilege by execve(2).
  ///
  /// For a program's first thread before it reads its arguments, and for each thread of the package's own. A library
  /// does not call it on a thread of its host.
  package static func confine(to kept: Set) {
    var sets = read()
    sets.effective = 0
    sets.permitted &= kept.rawValue
    sets.inheritable = 0
    _ = csyn_capabilities_write(&sets)
    _ = csyn_no_new_privileges()
  }

  /// What was in force before a `raise`.
  package struct Former {
    fileprivate let effective: UInt64
  }

  /// Makes effective what is permitted of the capabilities that are wanted; `restore` must follow.
  package static func raise(_ wanted: Set = .sockets) -> Former {
    var sets = read()
    let former = Former(effective: sets.effective)
    sets.effective |= sets.permitted & wanted.rawValue
    if sets.effective != former.effective { _ = csyn_capabilities_write(&sets) }
    return former
  }

  /// Puts into force again what was before.
  package static func restore(_ former: Former) {
    var sets = read()
    guard sets.effective != former.effective else { return }
    sets.effective = former.effective
    _ = csyn_capabilities_write(&sets)
  }

  /// Whether the program was started by a set-user-ID or set-group-ID file: such a start is refused, since it would
  /// give more than one capability.
  package static var isSetID: Bool { getuid() != geteuid() || getgid() != getegid() }

  private static func read() -> csyn_capabilities {
    var sets = csyn_capabilities()
    _ = csyn_capabilities_read(&sets)
    return sets
  }
}
