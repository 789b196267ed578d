internal import SynCore
internal import SynProbe

/// A trace for people, and as rows.
struct TraceText {
  private let report: TraceReport
  private let mostHops: Int

  init(_ report: TraceReport, mostHops: Int) {
    self.report = report
    self.mostHops = mostHops
  }

  /// A table for each path; where there are several, where they part.
  var lines: [String] {
    let address = report.target.address
    let endpoint = (address.contains(":") ? "[\(address)]" : address) + ":\(report.target.port)"
    let name = report.target.input == endpoint ? endpoint : "\(report.target.input) (\(endpoint))"
    guard let interface = report.interface, let source = report.source else { return ["trace to \(name): no route"] }
    guard !report.paths.isEmpty else {
      return ["trace to \(name), \(mostHops) hops at most, from \(source) via \(interface)"]
    }
    var lines: [String] = []
    for path in report.paths {
      lines.append("trace to \(name), \(mostHops) hops at most, from \(source):\(path.sourcePort) via \(interface)")
      lines += TraceText.table(path)
    }
    return lines + parting
  }

  private static let header = ["hop", "address", "answered", "p50 ms", "p99 ms", "added ms", "notes"]
  /// Numbers end where their column ends.
  private static let isNumber = [true, false, false, true, true, true, false]

  private static func table(_ path: TraceReport.Path) -> [String] {
    let silent = path.hops.reversed().prefix { $0.addresses.isEmpty }.count
    let told = path.hops.dropLast(silent > 1 ? silent : 0)
    var rows = [header] + told.flatMap { cells($0) }
    let rest = path.hops.suffix(path.hops.count - told.count)
    if let first = rest.first, let last = rest.last {
      let attempted = rest.reduce(0) { $0 + $1.attempted }
      rows.append(["\(first.ttl)-\(last.ttl)", "*", "0/\(attempted)", "", "", "", ""])
    }
    let widths = header.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let padded = row.indices.map { column in
        let space = String(repeating: " ", count: widths[column] - row[column].count)
        return isNumber[column] ? space + row[column] : row[column] + space
      }
      return String(padded.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
    }
  }

  private static func cells(_ hop: TraceReport.Hop) -> [[String]] {
    guard !hop.addresses.isEmpty else { return [["\(hop.ttl)", "*", "0/\(hop.attempted)", "", "", "", ""]] }
    return hop.addresses.enumerated().map { index, one in
      let name = one.name.map { "\($0) (\(one.address))" } ?? one.address
      let added = one.addedMs.map { ($0 < 0 ? "" : "+") + Duration(milliseconds: $0).millisecondsText }
      return [
        index == 0 ? "\(hop.ttl)" : "", name, "\(one.answered)/\(one.attempted)",
        one.rttMs.map { Duration(milliseconds: $0.p50).millisecondsText } ?? "",
        one.rttMs.map { Duration(milliseconds: $0.p99).millisecondsText } ?? "", added ?? "",
        notes(one, hop).joined(separator: ", "),
      ]
    }
  }

  private static func notes(_ one: TraceReport.Address, _ hop: TraceReport.Hop) -> [String] {
    var notes: [String] = []
    switch one.role {
    case "open": notes.append("the target: open")
    case "closed": notes.append("the target: closed")
    case "refused": notes.append(one.error ?? "refused")
    default: break
    }
    if hop.isRateLimited { notes.append("rate-limited") }
    for label in one.mpls ?? [] { notes.append("MPLS label \(label.label)") }
    return notes
  }

  /// After which hop the paths part; nothing of one path, or of paths that go one way.
  private var parting: [String] {
    guard report.paths.count > 1 else { return [] }
    let ways = report.paths.map { path in path.hops.map { Set($0.addresses.map(\.address)) } }
    let shortest = ways.map(\.count).min() ?? 0
    for hop in 0..<shortest {
      let known = ways.map { $0[hop] }.filter { !$0.isEmpty }
      if let first = known.first, known.contains(where: { $0 != first }) {
        return ["--- the paths part at hop \(hop + 1)"]
      }
    }
    return ["--- the paths go one way, as far as routers answer"]
  }

  /// One row for each who answered, and for each silent hop, under a header.
  static func rows(_ report: TraceReport) -> [String] {
    var rows = ["source_port,ttl,address,name,attempted,answered,p50_ms,p99_ms,added_ms,role,error,mpls"]
    for path in report.paths {
      for hop in path.hops {
        if hop.addresses.isEmpty { rows.append("\(path.sourcePort),\(hop.ttl),,,\(hop.attempted),0,,,,,,") }
        for one in hop.addresses {
          let labels = (one.mpls ?? []).map { "\($0.label)" }.joined(separator: " ")
          let cells: [String?] = [
            "\(path.sourcePort)", "\(hop.ttl)", one.address, one.name, "\(one.attempted)", "\(one.answered)",
            one.rttMs.map { "\($0.p50)" }, one.rttMs.map { "\($0.p99)" }, one.addedMs.map { "\($0)" }, one.role,
            one.error,
            labels,
          ]
          rows.append(cells.map { CSVPrinter.quoted($0 ?? "") }.joined(separator: ","))
        }
      }
    }
    return rows
  }
}
