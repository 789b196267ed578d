internal import Glibc
package import SynCore

/// What this network namespace counted at a moment, as the kernel tells it: it is made out only where it matters.
///
/// A class, so that it is made out once for all series that began or ended together; it stays on one thread.
package final class DropReading {
  private let disciplines: [Devices.Discipline]?
  private let texts: [String: String]

  /// Reads it, which needs no privilege; what cannot be read is left out.
  package static func current() -> DropReading {
    var texts: [String: String] = [:]
    for file in files { texts[file] = try? TextFile.read(file, atMost: mostBytes) }
    return DropReading(disciplines: Devices.disciplines, texts: texts)
  }

  private static let mostBytes = 1 << 20
  private static let files = tables.map(\.file) + [namesIPv6, devices, conntrackTable]
  private static let namesIPv6 = "/proc/net/snmp6"
  private static let devices = "/proc/net/dev"
  private static let conntrackTable = "/proc/net/stat/nf_conntrack"

  private init(disciplines: [Devices.Discipline]?, texts: [String: String]) {
    self.disciplines = disciplines
    self.texts = texts
  }

  /// What it says.
  package private(set) lazy var counts = makeOut()

  private func makeOut() -> DropCounts {
    var counts = DropCounts()
    addDisciplines(to: &counts)
    for (file, protocols) in Self.tables { addTable(file, protocols, to: &counts) }
    addNames(Self.namesIPv6, Self.IPv6, to: &counts)
    addDevices(to: &counts)
    addConntrack(to: &counts)
    return counts
  }

  /// Lines of names and of values by turns, each behind its protocol: which of them count drops, and of what.
  ///
  /// Discards of what leaves (`OutDiscards`) are counted by those who sent it, and name nobody.
  private static let tables: [(file: String, protocols: [String: [String: DropCounter.Sides]])] = [
    (
      "/proc/net/snmp",
      [
        "Ip": [
          "InHdrErrors": .ingress, "InAddrErrors": .ingress, "InDiscards": .ingress, "OutNoRoutes": .egress,
        ],
        "Tcp": ["InCsumErrors": .ingress],
      ]
    ),
    (
      "/proc/net/netstat",
      [
        "TcpExt": [
          "IPReversePathFilter": .ingress, "ListenOverflows": .ingress, "TCPReqQFullDrop": .ingress,
          "PFMemallocDrop": .ingress, "TCPMD5Failure": .ingress,
        ],
        "IpExt": ["InNoRoutes": .ingress, "InTruncatedPkts": .ingress, "InCsumErrors": .ingress],
      ]
    ),
  ]
  /// A name and a value a line.
  private static let IPv6: [String: DropCounter.Sides] = [
    "Ip6InHdrErrors": .ingress, "Ip6InAddrErrors": .ingress, "Ip6InDiscards": .ingress, "Ip6InNoRoutes": .ingress,
    "Ip6InTruncatedPkts": .ingress, "Ip6OutNoRoutes": .egress,
  ]
  /// Columns of connection tracking.
  private static let conntrack: [String: DropCounter.Sides] = [
    "drop": [.egress, .ingress], "insert_failed": [.egress, .ingress],
  ]

  private func addDisciplines(to counts: inout DropCounts) {
    guard let disciplines else { return }
    counts.knowsDisciplines = true
    for discipline in disciplines {
      counts.add(DropCounter(discipline: "\(discipline)", discipline.dropsOf), UInt64(discipline.drops))
    }
  }

  private func addTable(
    _ file: String, _ protocols: [String: [String: DropCounter.Sides]], to counts: inout DropCounts
  ) {
    let lines = lines(of: file)
    for (names, values) in zip(lines, lines.dropFirst()) {
      guard names.first == values.first, let name = names.first?.dropLast(), let wanted = protocols[String(name)] else {
        continue
      }
      for (column, value) in zip(names, values).dropFirst() {
        guard let sides = wanted[String(column)], let count = UInt64(value) else { continue }
        counts.add(DropCounter("\(name)\(column)", sides), count)
      }
    }
  }

  private func addNames(_ file: String, _ wanted: [String: DropCounter.Sides], to counts: inout DropCounts) {
    for line in lines(of: file) where line.count == 2 {
      guard let sides = wanted[String(line[0])], let count = UInt64(line[1]) else { continue }
      counts.add(DropCounter(String(line[0]), sides), count)
    }
  }

  /// What the devices dropped of what was to leave: the twelfth value.
  ///
  /// What they drop of what comes, no capture has seen.
  private func addDevices(to counts: inout DropCounts) {
    for line in lines(of: Self.devices) where line.count >= 17 && line[0].last == ":" {
      if let count = UInt64(line[12]) { counts.add(DropCounter("tx_dropped of \(line[0].dropLast())", .egress), count) }
    }
  }

  private func addConntrack(to counts: inout DropCounts) {
    let lines = lines(of: Self.conntrackTable)
    guard let names = lines.first else { return }
    for line in lines.dropFirst() {
      for (name, value) in zip(names, line) {
        guard let sides = Self.conntrack[String(name)], let count = UInt64(value, radix: 16) else { continue }
        counts.add(DropCounter("conntrack \(name)", sides), count)
      }
    }
  }

  /// The words of each line; none of a file that this kernel has not.
  private func lines(of file: String) -> [[Substring]] {
    guard let text = texts[file] else { return [] }
    return text.split(separator: "\n").map { line in line.split { $0 == " " || $0 == "\t" } }
  }
}

extension Devices.Discipline: CustomStringConvertible {
  /// As tc(8) writes it: `tbf 8001: on eth0`, with its class where it is not the device's own.
  package var description: String {
    let name = handle == 0 ? "0:" : "\(String(handle >> 16, radix: 16)):"
    let place = isRoot || isIngress ? "" : " parent \(Self.text(ofClass: parent))"
    return "\(kind) \(name)\(place) on \(device)"
  }

  private static func text(ofClass number: UInt32) -> String {
    let (major, minor) = (number >> 16, number & 0xffff)
    return "\(major == 0 ? "" : String(major, radix: 16)):\(minor == 0 ? "" : String(minor, radix: 16))"
  }

  /// What passes a clsact leaves or arrives; what passes an ingress arrives.
  fileprivate var dropsOf: DropCounter.Sides {
    if kind == "clsact" { return [.egress, .ingress] }
    return isIngress ? .ingress : .egress
  }
}
