internal import Glibc
internal import SynIO
internal import SynProbe
internal import SynSystem
internal import SynWire

/// Finds out whether this host can probe; works without privilege as far as it can.
public enum HostExamination {
  /// Examines this host.
  /// - Parameter inherited: The status of this process at its start, before it gave up what it does not need; nil where
  ///   /proc is not mounted.
  /// - Returns: The report, with its notes.
  public static func examine(inherited: TaskStatus?) async -> HostReport {
    let trials = tryEverything()
    let noise = await NoiseFloor.measure()
    var report = HostReport(
      mode: noise.mode, reason: noise.reason, privileges: privileges(inherited), trials: trials,
      devices: devices(rawSocketWorks: trials.first?.works == true), system: system(), noise: noise.result,
      signals: HostReport.Signals(
        blocked: inherited?.signals("SigBlk").names, ignored: inherited?.signals("SigIgn").names))
    report.notes = HostNotes(report).lines
    return report
  }

  private static func privileges(_ status: TaskStatus?) -> HostReport.Privileges {
    let permitted = status?.capabilities("CapPrm")
    let ambient = status?.capabilities("CapAmb")
    let source: String? =
      if status == nil { nil } else if permitted?.hasNetRaw != true { "none" } else if ambient?.hasNetRaw == true {
        "ambient"
      } else {
        status?.effectiveUser == 0 ? "root" : "file"
      }
    return HostReport.Privileges(
      user: status?.effectiveUser, source: source, effective: status?.capabilities("CapEff")?.names,
      permitted: permitted?.names, bounding: status?.capabilities("CapBnd")?.names, ambient: ambient?.names,
      noNewPrivs: status?.hasNoNewPrivileges,
      seccomp: status?.seccompMode.map { ["none", "strict", "filter"][min(max($0, 0), 2)] })
  }

  private static func tryEverything() -> [HostReport.Trial] {
    [
      attempt("raw socket (IPv4)") { () throws(SystemError) in try RawAccess.rawSocket(.v4) },
      attempt("raw socket (IPv6)") { () throws(SystemError) in try RawAccess.rawSocket(.v6) },
      attempt("packet socket with a ring") { () throws(SystemError) in try RawAccess.packetSocket() },
      attempt("capture on lo") { () throws(SystemError) in try RawAccess.capture(on: "lo") },
    ]
  }

  private static func attempt(_ what: String, _ body: () throws(SystemError) -> Void) -> HostReport.Trial {
    do throws(SystemError) {
      try body()
      return HostReport.Trial(what: what, works: true)
    } catch {
      return HostReport.Trial(what: what, works: false, error: "\(error)")
    }
  }

  /// More devices than this are listed without a capture tried on each.
  private static let mostCaptures = 32

  private static func devices(rawSocketWorks: Bool) -> [HostReport.Device] {
    Devices.all.enumerated().map { number, device in
      let flags = SystemFile.line("/sys/class/net/\(device.name)/flags").flatMap { Int($0.dropFirst(2), radix: 16) }
      let isUp = flags.map { $0 & 1 == 1 }
      let captures = number < mostCaptures && isUp != false && (try? RawAccess.capture(on: device.name)) != nil
      return HostReport.Device(
        name: device.name, up: isUp,
        stamps: HostReport.Stamps(
          queued: rawSocketWorks, sent: rawSocketWorks && device.stampsSent, received: captures,
          delivered: rawSocketWorks),
        qdiscs: device.qdiscs, rpFilter: rpFilter(device.name))
    }
  }

  /// The stricter of the device's value and that of all devices counts (ip-sysctl.rst).
  private static func rpFilter(_ device: String) -> Int? {
    let values = ["all", device].compactMap { SystemFile.numbers("/proc/sys/net/ipv4/conf/\($0)/rp_filter")?.first }
    return values.max()
  }

  private static func system() -> HostReport.System {
    let kernel = KernelNames()
    let folder = "/proc/sys/net/netfilter/nf_conntrack_"
    let count = SystemFile.numbers(folder + "count")?.first
    let room = SystemFile.numbers(folder + "max")?.first
    let range = SystemFile.numbers("/proc/sys/net/ipv4/ip_local_port_range")
    return HostReport.System(
      kernel: "\(kernel.release) \(kernel.machine)", libpcap: RawAccess.libpcapVersion, container: ContainerHints.found,
      clockSource: SystemFile.line("/sys/devices/system/clocksource/clocksource0/current_clocksource"),
      portRange: range?.count == 2 ? range : nil,
      conntrack: count.flatMap { count in room.map { HostReport.Conntrack(count: count, max: $0) } })
  }
}
