package import SynCore
internal import SynProbe
internal import SynVerdict
internal import SynWire

/// What a verification was told, event by event, and the packets that were seen of its probes: enough to judge it again.
package struct EvidenceLog: Sendable {
  /// Packets of one probe that are kept at each point: the first, and some copies.
  static let mostPackets = 4

  let start: EvidenceStart
  private(set) var entries: [EvidenceEntry] = []
  private(set) var packets: [(side: VerifyPlan.Side, packet: SeenPacket)] = []
  private var counts: [Seen: Int] = [:]

  private struct Seen: Hashable {
    let side: VerifyPlan.Side
    let sequence: Int
    let point: ObservationPoint
  }

  /// Begins with a verification that was told nothing yet.
  package init(_ verification: Verification) {
    start = EvidenceStart(verification)
  }

  /// Keeps an event; to be called with each that the verification is told, in the same order.
  package mutating func add(_ event: ProbeEvent, of side: VerifyPlan.Side, at now: MonotonicInstant) {
    guard case .packet(let packet) = event else {
      return entries.append(EvidenceEntry(side: side.number, at: now, event: event))
    }
    let seen = Seen(side: side, sequence: packet.sequence, point: packet.point)
    guard counts[seen, default: 0] < EvidenceLog.mostPackets else { return }
    counts[seen, default: 0] += 1
    packets.append((side, packet))
  }
}

/// What was to be found out, how, and from when on.
struct EvidenceStart: Codable, Sendable {
  let plan: VerifyPlan
  let mode: ProbeMode
  let startedAt: KernelTimestamp
  let began: MonotonicInstant
  /// Of the host's run: times of the monotonic clock compare with no other's.
  let boot: String?

  init(_ verification: Verification) {
    plan = verification.plan
    mode = verification.target.mode
    startedAt = verification.target.startedAt
    began = verification.target.began
    boot = verification.target.boot
  }

  /// A moment of the monotonic clock on the realtime clock as it stood then, nanoseconds.
  func realtime(_ moment: MonotonicInstant) -> Int64 { startedAt.advanced(by: moment.since(began)).nanoseconds }
}

/// One event of a series, and when the verification was told.
struct EvidenceEntry: Codable, Sendable {
  let side: Int
  let at: MonotonicInstant
  let event: ProbeEvent
}

extension VerifyPlan.Side {
  var number: Int { self == .target ? 0 : 1 }

  /// What stands before the name of a probe.
  var prefix: String { self == .target ? "" : "control " }
}

/// The fields of the records in a file.
enum EvidenceField {
  static let format = "synprobe.evidence/1"
  static let message = "MESSAGE"
  static let identifier = "SYSLOG_IDENTIFIER"
  static let formatName = "SYNPROBE_FORMAT"
  static let version = "SYNPROBE_VERSION"
  static let start = "SYNPROBE_START"
  static let event = "SYNPROBE_EVENT"
  static let verdict = "SYNPROBE_VERDICT"
  static let digest = "SYNPROBE_DIGEST"
}
