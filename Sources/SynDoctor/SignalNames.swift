/// A set of signals as /proc shows it, the bit n - 1 for the signal n, with names.
public struct SignalNames: Hashable, Sendable {
  /// The bits.
  public let bits: UInt64

  /// Wraps the bits.
  public init(_ bits: UInt64) {
    self.bits = bits
  }

  /// Whether signal `number` is in it.
  public func contains(_ number: Int) -> Bool {
    (1...64).contains(number) && bits & 1 << UInt64(number - 1) != 0
  }

  /// SIGKILL and SIGSTOP can never be blocked, and glibc keeps 32 and 33 for itself.
  private static let unblockable: UInt64 = 1 << 8 | 1 << 18 | 1 << 31 | 1 << 32

  /// Names in short: `none`, `all` that can be blocked, `all but` a few, or the list.
  static func text(_ names: [String]) -> String {
    let missing = SignalNames(~unblockable).names.filter { !names.contains($0) }
    if missing.isEmpty { return "all" }
    if missing.count <= 8 { return "all but " + missing.joined(separator: " ") }
    return names.isEmpty ? "none" : names.joined(separator: " ")
  }

  /// The names in the order of their numbers.
  public var names: [String] { (1...64).filter(contains).map(Self.name) }

  /// Linux's name of a signal on x86 and ARM (signal(7)).
  public static func name(_ number: Int) -> String {
    if classic.indices.contains(number - 1) { return "SIG" + classic[number - 1] }
    switch number {
    case 32, 33: return "SIG\(number)"
    case 34: return "SIGRTMIN"
    case 64: return "SIGRTMAX"
    default: return "SIGRTMIN+\(number - 34)"
    }
  }

  private static let classic = [
    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM",
    "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO",
    "PWR", "SYS",
  ]
}

extension SignalNames: CustomStringConvertible {
  /// The names in short.
  public var description: String {
    Self.text(names)
  }
}
