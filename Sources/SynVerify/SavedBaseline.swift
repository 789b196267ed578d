internal import FoundationEssentials
internal import SynCore
public import SynProbe
internal import SynSystem
public import SynVerdict
public import SynWire

/// A measurement from before the fault, as `synprobe ping -o json` or an earlier `verify` saved it.
public struct SavedBaseline: Sendable {
  /// Why a text is no baseline.
  public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, and what is right.
    public let description: String
  }

  /// The ping result.
  public let report: PingReport
  /// Its probes, as a verdict looks at them.
  public let evidence: Evidence

  /// Reads JSON of whatever origin.
  /// - Parameters:
  ///   - text: A ping result, an array of them, or a verify result, whose measurement is taken.
  ///   - target: Of several results that of this target is taken.
  /// - Throws: `Failure` in one sentence.
  public init(_ text: String, for target: Endpoint) throws(Failure) {
    let data = Data(text.utf8)
    let decoder = JSONDecoder()
    if let reports = try? decoder.decode([PingReport].self, from: data) {
      guard let report = reports.first(where: { $0.isOf(target) }) else {
        throw Failure(description: "none of the \(reports.count) results in it is of \(target)")
      }
      try self.init(report)
    } else if let verification = try? decoder.decode(VerifyResult.self, from: data) {
      try self.init(verification.measurement)
    } else {
      do { try self.init(try decoder.decode(PingReport.self, from: data)) } catch let failure as Failure {
        throw failure
      } catch {
        throw Failure(description: "it is not the JSON of a ping result: save one with synprobe ping -o json")
      }
    }
  }

  /// Takes a ping result.
  /// - Throws: `Failure` for one that lists no probes, or impossible ones.
  public init(_ report: PingReport) throws(Failure) {
    try self.init(report, isOfThisRun: report.clocks.map { $0.boot == SystemClock.boot } ?? false)
  }

  private init(_ report: PingReport, isOfThisRun: Bool) throws(Failure) {
    guard report.schema == "synprobe.ping/1" else {
      throw Failure(description: "its schema is '\(report.schema.escaped)', and synprobe.ping/1 is needed")
    }
    guard let probes = report.probes, !probes.isEmpty else {
      throw Failure(description: "it lists no probes: save it with -o json, whose result has them")
    }
    var samples: [Sample] = []
    for probe in probes { samples.append(try Sample(probe)) }
    SavedBaseline.mark(report.anomalies, on: &samples)
    self.report = report
    var evidence = Evidence(
      samples, captureDrops: report.anomalies.captureDrops, clockSteps: report.anomalies.clockSteps)
    if let clocks = report.clocks, isOfThisRun {
      evidence.clock = clocks.answers.compactMap(ClockReading.init)
    }
    self.evidence = evidence
  }

  /// A ping result counts copies and the like, and does not say of which probes: for a share that is all the same.
  private static func mark(_ anomalies: PingReport.Anomalies, on samples: inout [Sample]) {
    let answered = samples.indices.filter { samples[$0].isAnswer }
    let lost = samples.indices.filter { samples[$0].outcome == .lost }
    for index in answered.prefix(Int(clamping: anomalies.duplicates)) { samples[index].isCopied = true }
    for index in answered.prefix(Int(clamping: anomalies.reordered)) { samples[index].isOvertaken = true }
    for index in lost.prefix(Int(clamping: anomalies.corrupt)) { samples[index].isDamaged = true }
    for index in lost.prefix(Int(clamping: anomalies.late)) { samples[index].isLate = true }
  }

  private struct VerifyResult: Decodable {
    let measurement: PingReport
  }
}

extension SavedBaseline: Codable {
  private enum Key: CodingKey {
    case report, isOfThisRun
  }

  /// Reads one back, with what it told of the target's clock then: whether the host's run was the same is not asked again.
  /// - Throws: `DecodingError`, or `Failure`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let text = try container.decode(String.self, forKey: .report)
    try self.init(
      JSONDecoder().decode(PingReport.self, from: Data(text.utf8)),
      isOfThisRun: container.decode(Bool.self, forKey: .isOfThisRun))
  }

  /// Writes the ping result.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(report.json, forKey: .report)
    try container.encode(!evidence.clock.isEmpty, forKey: .isOfThisRun)
  }
}

extension ClockReading {
  /// A reading as its JSON has it; nil for one that no clock shows.
  fileprivate init?(_ reading: PingReport.Clocks.Reading) {
    let times = 0.0...1e12
    guard let port = UInt16(exactly: reading.port), let ticks = UInt32(exactly: reading.peerTicks),
      times.contains(reading.sentMs), times.contains(reading.receivedMs), reading.receivedMs >= reading.sentMs
    else { return nil }
    self.init(
      port: port, sent: Int64((reading.sentMs * 1e6).rounded()), received: Int64((reading.receivedMs * 1e6).rounded()),
      ticks: ticks)
  }
}

extension PingReport {
  fileprivate func isOf(_ endpoint: Endpoint) -> Bool {
    target.address == "\(endpoint.address)" && target.port == Int(endpoint.port)
  }
}

extension Sample {
  /// A probe as its JSON has it.
  fileprivate init(_ probe: PingReport.Probe) throws(SavedBaseline.Failure) {
    guard let outcome = ProbeOutcome.Kind(rawValue: probe.outcome) else {
      throw SavedBaseline.Failure(description: "'\(probe.outcome.escaped)' is not the outcome of a probe")
    }
    self.init(outcome)
    way = probe.place.flatMap(LossWay.init(rawValue:))
    place = way == nil ? probe.place.flatMap(LossPlace.init(rawValue:)) : .network
    roundTrip = try Sample.nanoseconds(probe.rttMs)
    egress = try Sample.nanoseconds(probe.egressMs)
    network = try Sample.nanoseconds(probe.networkMs)
    ingress = try Sample.nanoseconds(probe.ingressMs)
    // An ingress that was too short to be measured is absent; what the three parts of a round trip leave is its own.
    if ingress == nil, let roundTrip, let egress, let network { ingress = max(roundTrip - egress - network, 0) }
  }

  private static func nanoseconds(_ milliseconds: Double?) throws(SavedBaseline.Failure) -> Int64? {
    guard let milliseconds else { return nil }
    guard (-1e3...1e8).contains(milliseconds) else {
      throw SavedBaseline.Failure(description: "\(milliseconds) ms is not a time that a probe took")
    }
    return Int64((milliseconds * 1e6).rounded())
  }
}
