/// Whether this host can probe, and what a measurement on it goes through.
public struct HostReport: Hashable, Sendable {
  /// `syn`, `connect`, or `none`: the best way to probe that works here.
  public var mode: String
  /// Why it is not `syn`.
  public var reason: String?
  /// What this program may do, and how it got that.
  public var privileges: Privileges
  /// What was tried for real.
  public var trials: [Trial]
  /// The devices of this network namespace.
  public var devices: [Device]
  /// Kernel, libraries and surroundings.
  public var system: System
  /// What a round trip costs on this host alone; absent where no socket could be opened.
  public var noise: Noise?
  /// The signals that this program was started with.
  public var signals: Signals
  /// What to know or to do, in plain words.
  public var notes: [String] = []

  /// What this program was started with, before it gave up what it does not need.
  public struct Privileges: Hashable, Sendable {
    /// Effective user; absent without /proc.
    public var user: Int?
    /// `root`, `ambient`, `file`, or `none`: how CAP_NET_RAW was got; absent without /proc.
    public var source: String?
    /// In force at the start; absent, like the other sets, without /proc.
    public var effective: [String]?
    /// Could be put into force.
    public var permitted: [String]?
    /// The most that any file can give.
    public var bounding: [String]?
    /// Kept over execve without file capabilities.
    public var ambient: [String]?
    /// Whether no execve can gain privileges.
    public var noNewPrivs: Bool?
    /// `none`, `strict` or `filter`.
    public var seccomp: String?
  }

  /// One thing that was tried.
  public struct Trial: Hashable, Sendable {
    /// What it was, as `raw socket (IPv4)`.
    public var what: String
    /// Whether it worked.
    public var works: Bool
    /// Why it did not.
    public var error: String?
  }

  /// A network device.
  public struct Device: Hashable, Sendable {
    /// Its name.
    public var name: String
    /// Whether it is up; absent without /sys.
    public var up: Bool?
    /// Which of the four stamps can be taken on it.
    public var stamps: Stamps
    /// Its queueing disciplines.
    public var qdiscs: [String]
    /// 0: no check of where packets come from, 1: strict, 2: loose; absent without /proc.
    public var rpFilter: Int?
  }

  /// Which stamps can be taken.
  public struct Stamps: Hashable, Sendable {
    /// By the kernel, before the queueing discipline.
    public var queued: Bool
    /// By the driver.
    public var sent: Bool
    /// By a capture on the device.
    public var received: Bool
    /// By the kernel, at the raw socket.
    public var delivered: Bool
  }

  /// Kernel, libraries and surroundings; absent is what cannot be read here.
  public struct System: Hashable, Sendable {
    /// Release and machine.
    public var kernel: String
    /// libpcap's words on its version.
    public var libpcap: String
    /// `docker`, `podman`, `kubernetes`, `gvisor` and the like.
    public var container: [String]
    /// What the kernel reads its clock from.
    public var clockSource: String?
    /// The range of automatic source ports.
    public var portRange: [Int]?
    /// Tracked connections, and how many there is room for.
    public var conntrack: Conntrack?
  }

  /// Fill of the table of tracked connections.
  public struct Conntrack: Hashable, Sendable {
    /// Entries.
    public var count: Int
    /// Room.
    public var max: Int
  }

  /// Probes to a listener on loopback.
  public struct Noise: Hashable, Sendable {
    /// How they were sent.
    public var mode: String
    /// How many.
    public var probes: Int
    /// How many were answered.
    public var open: Int
    /// Median, 99th percentile and maximum of the round trips.
    public var rttMs: [String: Double]
    /// Why no probe could be sent.
    public var error: String?
  }

  /// The signals that this program was started with.
  public struct Signals: Hashable, Sendable {
    /// Held back; absent without /proc.
    public var blocked: [String]?
    /// Thrown away.
    public var ignored: [String]?
  }

  /// Whether a probe to loopback was answered: what is opened may still not work.
  public var isWorking: Bool { mode != "none" && (noise?.open ?? 0) > 0 }
}
