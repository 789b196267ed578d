internal import SynCore

/// One thing that is claimed of a target; each is judged on its own.
public struct Claim: Hashable, Sendable, Codable {
  /// What is claimed.
  public enum Content: Hashable, Sendable, Codable {
    /// The median round trip, nanoseconds.
    case rtt(ClaimedRange<Int64>)
    /// The 99th percentile of the round trips, nanoseconds.
    case rttP99(ClaimedRange<Int64>)
    /// The shift of the median against the baseline, nanoseconds.
    case added(ClaimedRange<Int64>)
    /// What was added on the way to the target, against the baseline, nanoseconds.
    case addedForward(ClaimedRange<Int64>)
    /// What was added on the way back, nanoseconds.
    case addedBack(ClaimedRange<Int64>)
    /// The inter-quartile range of the round trips, nanoseconds.
    case jitter(ClaimedRange<Int64>)
    /// The share of probes that were lost.
    case loss(ClaimedRange<Double>)
    /// The share of answers of which the network made a copy.
    case duplicate(ClaimedRange<Double>)
    /// The share of probes whose reply was damaged on the way.
    case corrupt(ClaimedRange<Double>)
    /// The share of answers that a later probe's overtook (RFC 4737's reordered singletons).
    case reorder(ClaimedRange<Double>)
    /// How wide the narrowest part of the path is.
    case rate(ClaimedRange<BitRate>)
    /// No answer at all.
    case partition
    /// Every probe is answered by a RST.
    case refused
    /// All is as in the baseline: the fault is over.
    case clear
    /// The added delay, or the loss, sits there.
    case place(FaultPlace)
  }

  /// What is claimed.
  public let content: Content
  /// How many probes in a row say as much as one independent probe, where the fault is known to come in bursts; 1 where
  /// it is not.
  public let dependence: Double

  /// Joins the fields.
  public init(_ content: Content, dependence: Double = 1) {
    self.content = content
    self.dependence = dependence
  }

  /// The word of the command's option and of the JSON.
  public var name: String {
    switch content {
    case .rtt: "rtt"
    case .rttP99: "rtt-p99"
    case .added: "added"
    case .addedForward: "added-forward"
    case .addedBack: "added-back"
    case .jitter: "jitter"
    case .loss: "loss"
    case .duplicate: "duplicate"
    case .corrupt: "corrupt"
    case .reorder: "reorder"
    case .rate: "rate"
    case .partition: "partition"
    case .refused: "refused"
    case .clear: "clear"
    case .place: "where"
    }
  }

  /// What is expected, as the user could have written it.
  public var expected: String {
    switch content {
    case .rtt(let range), .rttP99(let range), .added(let range), .addedForward(let range), .addedBack(let range),
      .jitter(let range):
      range.text
    case .loss(let range), .duplicate(let range), .corrupt(let range), .reorder(let range): range.text
    case .rate(let range): range.text
    case .partition: "no answer"
    case .refused: "every probe refused"
    case .clear: "as the baseline"
    case .place(let place): place.rawValue
    }
  }

  /// Reads a claim by the word of its option.
  /// - Parameters:
  ///   - name: As `rtt` or `where`.
  ///   - value: Its range or place; `true` for those that have none.
  /// - Returns: The claim.
  /// - Throws: `ClaimError` for a word or a value that is none.
  public static func parse(_ name: String, _ value: String) throws(ClaimError) -> Claim {
    switch name {
    case "rtt": return Claim(.rtt(try .durations(value)))
    case "rtt-p99": return Claim(.rttP99(try .durations(value)))
    case "added": return Claim(.added(try .durations(value, allowsNegative: true)))
    case "added-forward": return Claim(.addedForward(try .durations(value, allowsNegative: true)))
    case "added-back": return Claim(.addedBack(try .durations(value, allowsNegative: true)))
    case "jitter": return Claim(.jitter(try .durations(value)))
    case "loss": return Claim(.loss(try .percentages(value)))
    case "duplicate": return Claim(.duplicate(try .percentages(value)))
    case "corrupt": return Claim(.corrupt(try .percentages(value)))
    case "reorder": return Claim(.reorder(try .percentages(value)))
    case "rate": return Claim(.rate(try .rates(value)))
    case "partition", "refused", "clear":
      guard value == "true" else { throw ClaimError("'\(value.escaped)': the claim \(name) takes no value but true") }
      return Claim(name == "partition" ? .partition : name == "refused" ? .refused : .clear)
    case "where":
      guard let place = FaultPlace(rawValue: value) else {
        throw ClaimError("'\(value.escaped)' is none of \(FaultPlace.list)")
      }
      return Claim(.place(place))
    default: throw ClaimError("there is no claim '\(name.escaped)'; the claims are \(names.joined(separator: ", "))")
    }
  }

  /// Whether it is about a delay on one way, whose uncertainty lies in the clocks and not in the number of probes.
  package var isOfOneWay: Bool {
    switch content {
    case .addedForward, .addedBack: true
    default: false
    }
  }

  /// Whether it asks which way through the network.
  public var needsDirection: Bool {
    guard case .place(let place) = content else { return false }
    return place.way != nil
  }

  /// The words of all claims.
  public static let names = ClaimWord.all.map(\.name)
}
