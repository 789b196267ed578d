internal import SynCore
internal import SynProbe
package import SynVerdict

/// Judges claims by the probes of a window: what held before does not count any more.
///
/// The confidence is of each look alone, since the probes change from one to the next.
package struct WindowJudge: Sendable {
  private let judge: ClaimJudge
  private let baseline: SavedBaseline?
  private let injected: Explanation.Injected?

  /// Takes terms whose claims can be judged by a window (`objection`).
  package init(_ terms: VerifyTerms, baseline: SavedBaseline?) {
    judge = ClaimJudge(terms.claims, confidence: terms.confidence)
    self.baseline = baseline
    injected = terms.injected.map { Explanation.Injected($0, interval: terms.interval.nanoseconds) }
  }

  /// Why a claim takes more than the probes of a window; nil where it does not.
  package static func objection(to claim: Claim) -> String? {
    if claim.isOfRate { return "it takes trains of SYNs, which a series that goes on does not send" }
    if claim.isOfOneWay || [claim].tellDirectionOfLoss {
      return "a way of its own takes listening for what the target repeats, or its clock"
    }
    return nil
  }

  /// What became of the claims.
  package struct Outcome: Sendable {
    /// The worst of them.
    package let verdict: Verdict
    /// In one sentence without a full stop.
    package let reason: String
    /// Each of them.
    package let claims: [VerifyReport.Claim]
  }

  /// Judges what a window holds.
  package func judge(_ evidence: Evidence) -> Outcome {
    let before = baseline.map { ClaimJudge.Baseline($0.evidence, isFixed: true) }
    let findings = judge.judge(evidence, baseline: before)
    let explanation = Explanation(evidence, baseline: before?.evidence, injected: injected)
    let words = findings.map { finding in
      let isOpen = finding.verdict == .inconclusive && finding.unsoundness == nil
      return FindingWords(
        finding: finding,
        further: isOpen ? judge.furtherProbes(deciding: finding.claim, evidence, baseline: before) : nil,
        explanations: explanation.words(on: finding))
    }
    let verdict = Verdict.worst(findings.map(\.verdict))
    let telling = words.filter { $0.finding.verdict == verdict }
    let said = verdict == .confirmed ? telling : Array(telling.prefix(1))
    return Outcome(
      verdict: verdict, reason: said.map(\.statement).joined(separator: "; "),
      claims: words.map(VerifyReport.Claim.init))
  }
}
