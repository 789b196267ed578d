/// What a report on a host means, and what to do about it.
struct HostNotes {
  private let report: HostReport

  init(_ report: HostReport) {
    self.report = report
  }

  /// One note a line, the ones that keep the host from probing first.
  var lines: [String] {
    [mode, packetSocket, sandbox, signals, conntrack].compactMap { $0 } + qdiscs + pathFilters + stamps
  }

  private func works(_ what: String) -> Bool {
    report.trials.contains { $0.what.hasPrefix(what) && $0.works }
  }

  private var mode: String? {
    switch report.mode {
    case "syn": nil
    case "connect" where works("raw socket"):
      "mode auto takes connect here, which cannot tell where a delay or a loss is"
    case "connect":
      "CAP_NET_RAW is missing: mode auto takes connect, which cannot tell where a delay or a loss is; for syn run as "
        + "root, setcap cap_net_raw+p the program, --cap-add NET_RAW a container, or in Kubernetes "
        + "securityContext: {capabilities: {add: [NET_RAW]}}"
    default: "neither raw sockets nor connect() work here"
    }
  }

  private var packetSocket: String? {
    guard works("raw socket"), !works("packet socket") else { return nil }
    return "AF_PACKET alone is refused: systemd's RestrictAddressFamilies=, a seccomp profile, or gVisor"
  }

  private var sandbox: String? {
    guard report.system.container.contains("gvisor") else { return nil }
    return "gVisor has neither capture rings nor stamps of sent packets: expect mode connect"
  }

  private var signals: String? {
    let blocked = report.signals.blocked
    guard !blocked.isEmpty else { return nil }
    let hang = blocked.contains("SIGALRM") ? ", while a program that waits for SIGALRM, as hping3, would hang" : ""
    return "started with signals blocked (\(SignalNames.text(blocked))): synprobe works all the same\(hang)"
  }

  private var conntrack: String? {
    guard let table = report.system.conntrack, table.max > 0, table.count * 10 > table.max * 9 else { return nil }
    return
      "the table of tracked connections is \(table.count * 100 / table.max)% full: this host drops what it cannot track"
  }

  private static let shaping = ["netem", "tbf", "htb", "hfsc", "cbq", "red", "codel", "pie", "police"]

  private var qdiscs: [String] {
    report.devices.flatMap { device in
      device.qdiscs.compactMap { qdisc in
        if qdisc == "ingress (ingress)" || qdisc.hasPrefix("clsact") {
          return
            "\(device.name) has filters for arriving packets (\(qdisc.prefix { $0 != " " })): what they delay or drop "
            + "is the ingress"
        }
        guard let kind = Self.shaping.first(where: qdisc.hasPrefix) else { return nil }
        return "\(kind) on \(device.name): measured through it, as the egress"
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
