internal import SynCore

/// One probe, as a column of a chart.
enum LiveColumn {
  /// The round trip of one that was answered, up to the end of each part of it, nanoseconds; one part alone where there are
  /// no stamps to tell more.
  case answered([(part: Part, end: Int64)])
  /// The sign of one that was not.
  case unanswered(Character)

  /// A part of a round trip.
  enum Part: CaseIterable {
    case egress, network, ingress, whole

    var color: StyledText.Color {
      switch self {
      case .egress: .yellow
      case .network: .cyan
      case .ingress: .magenta
      case .whole: .green
      }
    }

    var name: String {
      switch self {
      case .egress: "egress"
      case .network: "network"
      case .ingress: "ingress"
      case .whole: "round trip"
      }
    }
  }

  init(_ result: ProbeResult) {
    let observation = result.observation
    guard result.outcome.isAnswer, let roundTrip = observation.roundTrip else {
      self = .unanswered(LiveColumn.sign(of: result))
      return
    }
    guard let egress = observation.egress, let network = observation.network else {
      self = .answered([(.whole, max(roundTrip.nanoseconds, 0))])
      return
    }
    let sent = max(egress.nanoseconds, 0)
    let received = sent + max(network.nanoseconds, 0)
    self = .answered([(.egress, sent), (.network, received), (.ingress, max(roundTrip.nanoseconds, received))])
  }

  /// The whole round trip, nanoseconds; nil of one that was not answered.
  var height: Int64? {
    if case .answered(let parts) = self { parts.last?.end } else { nil }
  }

  /// The first letter of the place of a loss; of other ends a sign of their own.
  private static func sign(of result: ProbeResult) -> Character {
    switch result.outcome {
    case .lost(.egress): "e"
    case .lost(.network): "n"
    case .lost(.ingress): "i"
    case .lost(.unknown): "?"
    case .blocked: "b"
    case .filtered: "f"
    case .unexpected: "u"
    case .open, .closed: "·"
    case .cancelled: " "
    }
  }

  /// What the signs mean, behind the names of the parts.
  static let signs = "e n i ? lost there  b blocked  f filtered  u unexpected"
}
