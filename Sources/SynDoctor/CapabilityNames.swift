/// A set of capabilities as /proc shows it, with names.
public struct CapabilityNames: Hashable, Sendable {
  /// The bits (linux/capability.h).
  public let bits: UInt64

  /// Wraps the bits.
  public init(_ bits: UInt64) {
    self.bits = bits
  }

  /// Whether CAP_NET_RAW is in it.
  public var hasNetRaw: Bool { bits & 1 << 13 != 0 }

  /// The names in the order of their numbers; those that are newer than this program have a number.
  public var names: [String] {
    (0..<64).filter { bits & 1 << UInt64($0) != 0 }.map { $0 < Self.known.count ? Self.known[$0] : "cap_\($0)" }
  }

  /// Names in short: `none`, `all`, `all but` a few, or the list.
  static func text(_ names: [String]) -> String {
    let missing = known.filter { !names.contains($0) }
    if missing.isEmpty { return "all" }
    if missing.count <= 8 { return "all but " + missing.joined(separator: " ") }
    return names.isEmpty ? "none" : names.joined(separator: " ")
  }

  private static let known = [
    "chown", "dac_override", "dac_read_search", "fowner", "fsetid", "kill", "setgid", "setuid", "setpcap",
    "linux_immutable", "net_bind_service", "net_broadcast", "net_admin", "net_raw", "ipc_lock", "ipc_owner",
    "sys_module", "sys_rawio", "sys_chroot", "sys_ptrace", "sys_pacct", "sys_admin", "sys_boot", "sys_nice",
    "sys_resource", "sys_time", "sys_tty_config", "mknod", "lease", "audit_write", "audit_control", "setfcap",
    "mac_override", "mac_admin", "syslog", "wake_alarm", "block_suspend", "audit_read", "perfmon", "bpf",
    "checkpoint_restore",
  ]
}
