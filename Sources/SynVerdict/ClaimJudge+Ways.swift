/// What a delay grew by since a baseline, nanoseconds.
public struct AddedDelay: Sendable {
  /// In all; nil where too few answers tell.
  public let total: (estimate: Int64, interval: OpenInterval<Int64>)?
  /// On each way, or why that is not told.
  public let ways: Result<AddedWays, Untold>

  /// Why the two ways are not told apart.
  public struct Untold: Error, Sendable, CustomStringConvertible {
    /// A sentence without a full stop.
    public let description: String
  }
}

extension ClaimJudge {
  /// What the delay grew by, whatever is claimed; nil without a baseline.
  public func added(_ evidence: Evidence, baseline: Baseline?) -> AddedDelay? {
    guard let baseline else { return nil }
    let finding = shift(in: ClaimedRange(), Claim(.added(ClaimedRange())), evidence, baseline)
    var total: (Int64, OpenInterval<Int64>)?
    if case .time(let estimate)? = finding.estimate, case .time(let lower, let upper)? = finding.interval {
      total = (estimate, OpenInterval(lower: lower, upper: upper))
    }
    do throws(Objection) {
      let ways = try addedWays(evidence, baseline, confidence: claimConfidence)
      return AddedDelay(total: total, ways: .success(ways))
    } catch { return AddedDelay(total: total, ways: .failure(AddedDelay.Untold(description: error.reason))) }
  }

  /// What was added on one way through the network.
  func way(
    _ way: KeyPath<AddedWays, AddedWays.Way>, in range: ClaimedRange<Int64>, _ claim: Claim, _ evidence: Evidence,
    _ baseline: Baseline?
  ) -> Finding {
    var finding = finding(claim, samples: evidence.clock.count)
    do throws(Objection) {
      let added = try addedWays(evidence, baseline, confidence: claimConfidence)[keyPath: way]
      finding.verdict = range.judge(OpenInterval(lower: added.interval.lowerBound, upper: added.interval.upperBound))
      finding.estimate = .time(added.estimate)
      finding.interval = .time(lower: added.interval.lowerBound, upper: added.interval.upperBound)
      return finding
    } catch { return finding.unsound(error) }
  }

  /// The one way on which most of an added delay is; nil where neither has clearly more.
  func leadingWay(_ evidence: Evidence, _ baseline: Baseline?, part: Double) throws(Objection) -> FaultPlace? {
    let added = try addedWays(evidence, baseline, confidence: 1 - (1 - claimConfidence) * part)
    let (forward, back) = (added.forward.interval, added.back.interval)
    if forward.lowerBound > max(back.upperBound, ClaimJudge.smallestDelay) { return .forward }
    return back.lowerBound > max(forward.upperBound, ClaimJudge.smallestDelay) ? .back : nil
  }

  private func addedWays(
    _ evidence: Evidence, _ baseline: Baseline?, confidence: Double
  ) throws(Objection) -> AddedWays {
    guard let baseline else { throw Soundness.noBaseline }
    guard baseline.isFixed else {
      throw Objection(
        "a control target's clock is not the target's: which way a delay was added takes a saved baseline")
    }
    do throws(AddedWays.Absence) {
      return try AddedWays(evidence.clock, against: baseline.evidence.clock, confidence: confidence)
    } catch {
      let isLasting = error == .noClockBefore || evidence.samples.count >= ClaimJudge.fewestWithoutStamps
      throw Objection("\(error): which way a delay was added is not told", isLasting: isLasting)
    }
  }
}
