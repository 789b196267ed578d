/// What a report on a host means, and what to do about it.
struct HostNotes {
  private let report: HostReport

  init(_ report: HostReport) {
    self.report = report
  }

  /// One note a line, the ones that keep the host from probing first.
  var lines: [String] {
    [mode, loopback, sandbox, signals, conntrack].compactMap { $0 } + qdiscs + pathFilters + stamps
  }

  private var mode: String? {
    let reason = report.reason.map { ": \($0)" } ?? ""
    switch report.mode {
    case "syn": return nil
    case "connect": return "only connect works here, which cannot tell where a delay or a loss is\(reason)"
    default: return "neither raw sockets nor connect() work here\(reason)"
    }
  }

  private var loopback: String? {
    guard let noise = report.noise, noise.open < noise.probes || noise.probes == 0 else { return nil }
    let why = noise.error.map { ": \($0)" } ?? ""
    return "of \(noise.probes) probes to a listener on loopback \(noise.open) were answered\(why)"
  }

  private var sandbox: String? {
    guard report.system.container.contains("gvisor") else { return nil }
    return "gVisor has neither capture rings nor stamps of sent packets: expect mode connect"
  }

  private var signals: String? {
    guard let blocked = report.signals.blocked, !blocked.isEmpty else { return nil }
    let hang = blocked.contains("SIGALRM") ? ", while a program that waits for SIGALRM, as hping3, would hang" : ""
    return "started with signals blocked (\(SignalNames.text(blocked))): synprobe works all the same\(hang)"
  }

  private var conntrack: String? {
    guard let table = report.system.conntrack, table.max > 0, table.count * 10 > table.max * 9 else { return nil }
    return
      "the table of tracked connections is \(table.count * 100 / table.max)% full: this host drops what it cannot track"
  }

  private static let shaping = ["netem", "tbf", "htb", "hfsc", "cbq", "red", "codel", "pie", "cake", "police"]

  private var qdiscs: [String] {
    report.devices.flatMap { device in
      device.qdiscs.compactMap { qdisc in
        if qdisc == "ingress (ingress)" || qdisc.hasPrefix("clsact") {
          return
            "\(device.name) may have filters for arriving packets (\(qdisc.prefix { $0 != " " })): what they delay or drop "
            + "is the ingress"
        }
        guard let kind = Self.shaping.first(where: qdisc.hasPrefix) else { return nil }
        let segment = device.name.hasPrefix("ifb") ? "the ingress of the devices that redirect to it" : "the egress"
        return "\(kind) on \(device.name): measured through it, as \(segment)"
      }
    }
  }

  private var pathFilters: [String] {
    report.devices.filter { $0.rpFilter == 1 && $0.name != "lo" && $0.up == true }.map {
      "rp_filter is strict on \($0.name): answers that come back by another way are dropped in the ingress"
    }
  }

  private var stamps: [String] {
    report.devices.filter { $0.up == true && $0.stamps.queued && !$0.stamps.sent }.map {
      "the driver of \($0.name) does not stamp what it sends: egress and network stay unsplit there"
    }
  }
}
