internal import SynCore
internal import SynProbe

/// The report on a host, for people: one screen.
public struct HostText {
  private let report: HostReport

  /// Shows `report`.
  public init(_ report: HostReport) {
    self.report = report
  }

  /// The screen.
  public var lines: [String] {
    var lines = [title, "", "privileges"] + privileges
    lines += ["", "tried for real"]
    lines += report.trials.map {
      "  \($0.works ? "yes" : "no ")  \($0.what)\($0.error.map { ": \($0.escaped)" } ?? "")"
    }
    lines += ["", "devices      queued sent received delivered  rp_filter  qdiscs"] + devices
    lines += ["", "system"] + system
    if !report.notes.isEmpty { lines += ["", "notes"] + report.notes.map { "- \($0.escaped)" } }
    return lines
  }

  private var title: String {
    switch report.mode {
    case _ where report.mode != "none" && !report.isWorking:
      "synprobe can open what it needs here, and no probe of its own loopback was answered"
    case "syn": "synprobe can probe by SYN here, with \(source)"
    case "connect": "synprobe can probe by connect() here, and cannot tell where a delay or a loss is"
    default: "synprobe cannot probe here"
    }
  }

  private var source: String {
    switch report.privileges.source {
    case "root": "root's capabilities"
    case "ambient": "ambient capabilities"
    case "file": "file capabilities"
    default: "capabilities of an unknown source"
    }
  }

  private var privileges: [String] {
    let held = report.privileges
    return [
      "  effective   \(held.effective.map(CapabilityNames.text) ?? "unknown")",
      "  permitted   \(held.permitted.map(CapabilityNames.text) ?? "unknown")",
      "  bounding    \(held.bounding.map(CapabilityNames.text) ?? "unknown")",
      "  ambient     \(held.ambient.map(CapabilityNames.text) ?? "unknown")",
      "  user \(held.user.map { "\($0)" } ?? "unknown"), no_new_privs \(held.noNewPrivs.map { $0 ? "yes" : "no" } ?? "unknown")"
        + ", seccomp \(held.seccomp ?? "unknown"), signals blocked \(report.signals.blocked.map(SignalNames.text) ?? "unknown")",
    ]
  }

  private static let mostDevices = 12

  private var devices: [String] {
    let shown = report.devices.prefix(Self.mostDevices).map { device in
      let stamps = [
        mark(device.stamps.queued, 6), mark(device.stamps.sent, 4), mark(device.stamps.received, 8),
        mark(device.stamps.delivered, 9), pad(" " + Self.pathFilter(device.rpFilter), 10),
      ]
      let state = device.up == false ? "  (down)" : ""
      return
        "  \(pad(device.name.escaped, 10)) \(stamps.joined(separator: " ")) \(device.qdiscs.joined(separator: ", "))\(state)"
    }
    let left = report.devices.count - shown.count
    return shown + (left > 0 ? ["  and \(left) more (-o json lists them)"] : [])
  }

  private static func pathFilter(_ value: Int?) -> String {
    guard let value, (0...2).contains(value) else { return "unknown" }
    return ["off", "strict", "loose"][value]
  }

  private var system: [String] {
    let system = report.system
    var lines = [
      "  kernel \(system.kernel), \(system.libpcap)",
      "  clock source \(system.clockSource ?? "unknown"), "
        + "automatic ports \(system.portRange.map { "\($0[0])-\($0[1])" } ?? "unknown"), "
        + "tracked connections \(system.conntrack.map { "\($0.count) of \($0.max)" } ?? "none or unknown")",
    ]
    if !system.container.isEmpty {
      lines.append("  signs of a container: \(system.container.joined(separator: ", ").escaped)")
    }
    if let noise = report.noise, let median = noise.rttMs["p50"], let high = noise.rttMs["p99"] {
      lines.append(
        "  noise floor, \(noise.open) of \(noise.probes) probes to loopback answered by \(noise.mode): p50 \(text(median)) ms, p99 \(text(high)) ms"
      )
    }
    return lines
  }

  private func mark(_ works: Bool, _ width: Int) -> String { pad(works ? "yes" : "-", width) }

  private func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(width - text.count, 0))
  }

  private func text(_ milliseconds: Double) -> String { Duration.milliseconds(milliseconds).millisecondsText }
}
