/// A kind of claim: the word of its option and of the JSON, what stands behind it, and what it says.
package struct ClaimWord: Sendable {
  /// What stands behind the word.
  package enum Value: Sendable {
    case times, shares, rates, nothing, place
  }

  package let name: String
  package let value: Value
  package let help: String

  private init(_ name: String, _ value: Value, _ help: String) {
    self.name = name
    self.value = value
    self.help = help
  }

  /// All, in the order of the documentation.
  package static let all = [
    ClaimWord("rtt", .times, "The median round trip lies in this range."),
    ClaimWord("rtt-p99", .times, "The 99th percentile of the round trips lies in this range."),
    ClaimWord("added", .times, "The median rose by this against the baseline."),
    ClaimWord("added-forward", .times, "The way to the target grew by this against the baseline."),
    ClaimWord("added-back", .times, "The way back grew by this against the baseline."),
    ClaimWord("jitter", .times, "The inter-quartile range of the round trips lies in this range."),
    ClaimWord("loss", .shares, "This share of probes is lost."),
    ClaimWord("duplicate", .shares, "The network copies this share of answers."),
    ClaimWord("corrupt", .shares, "This share of probes comes back damaged."),
    ClaimWord("reorder", .shares, "This share of answers is overtaken by a later one."),
    ClaimWord("rate", .rates, "The narrowest part of the path is this wide."),
    ClaimWord("partition", .nothing, "There is no answer at all."),
    ClaimWord("refused", .nothing, "Every probe is refused by a RST."),
    ClaimWord("clear", .nothing, "All is as in the baseline: the fault is over."),
    ClaimWord(
      "where", .place, "The delay, loss or narrow part sits there: egress, network (or forward or back alone), ingress."
    ),
  ]

  /// What the claim of this name says.
  package static func help(_ name: String) -> String { all.first { $0.name == name }?.help ?? "" }
}
