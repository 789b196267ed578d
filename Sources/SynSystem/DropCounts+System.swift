internal import Glibc
package import SynCore

extension DropCounts {
  /// Reads what this network namespace counts, which needs no privilege; what cannot be read is left out.
  package static func current() -> DropCounts {
    var counts = DropCounts()
    counts.addDisciplines()
    for (file, protocols) in tables { counts.addTable(file, protocols) }
    counts.addNames("/proc/net/snmp6", IPv6)
    counts.addDevices()
    counts.addConntrack()
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

  private mutating func addDisciplines() {
    guard let disciplines = Devices.disciplines else { return }
    knowsDisciplines = true
    for discipline in disciplines {
      add(DropCounter(discipline: "\(discipline)", discipline.dropsOf), UInt64(discipline.drops))
    }
  }

  private mutating func addTable(_ file: String, _ protocols: [String: [String: DropCounter.Sides]]) {
    let lines = Self.lines(of: file)
    for (names, values) in zip(lines, lines.dropFirst()) {
      guard names.first == values.first, let name = names.first?.dropLast(), let wanted = protocols[String(name)] else {
        continue
      }
      for (column, value) in zip(names, values).dropFirst() {
        guard let sides = wanted[String(column)], let count = UInt64(value) else { continue }
        add(DropCounter("\(name)\(column)", sides), count)
      }
    }
  }

  private mutating func addNames(_ file: String, _ wanted: [String: DropCounter.Sides]) {
    for line in Self.lines(of: file) where line.count == 2 {
      guard let sides = wanted[String(line[0])], let count = UInt64(line[1]) else { continue }
      add(DropCounter(String(line[0]), sides), count)
    }
  }

  /// What the devices dropped of what was to leave: the twelfth value.
  ///
  /// What they drop of what comes, no capture has seen.
  private mutating func addDevices() {
    for line in Self.lines(of: "/proc/net/dev") where line.count >= 17 && line[0].last == ":" {
      if let count = UInt64(line[12]) { add(DropCounter("tx_dropped of \(line[0].dropLast())", .egress), count) }
    }
  }

  private mutating func addConntrack() {
    let lines = Self.lines(of: "/proc/net/stat/nf_conntrack")
    guard let names = lines.first else { return }
    for line in lines.dropFirst() {
      for (name, value) in zip(names, line) {
        guard let sides = Self.conntrack[String(name)], let count = UInt64(value, radix: 16) else { continue }
        add(DropCounter("conntrack \(name)", sides), count)
      }
    }
  }

  private static let mostBytes = 1 << 20

  /// The words of each line; none of a file that this kernel has not.
  private static func lines(of file: String) -> [[Substring]] {
    guard let text = try? TextFile.read(file, atMost: mostBytes) else { return [] }
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
