/// A limit on how much passes in how much time, as tc's tbf keeps it, or netem's rate without a bucket.
public struct Shaper: Hashable, Sendable {
  /// Above 0.
  public var rate: BitRate
  /// Bytes that may pass at once.
  public var bucket: Int

  /// Joins the fields.
  public init(rate: BitRate, bucket: Int) {
    self.rate = rate
    self.bucket = bucket
  }

  /// Slower than this a train of the fewest SYNs takes longer than an answer is waited for.
  private static let slowest = BitRate(32_000)
  /// As fast as a host answers a SYN; the answers are small, and nothing of the prober's makes them larger.
  private static let fastestBack = BitRate(8_000_000)
  /// As fast as large SYNs leave.
  private static let fastestForward = BitRate(400_000_000)
  /// What a train passes at most, with enough behind the bucket to tell: of answers, and of large SYNs.
  private static let (bucketBack, bucketForward) = (3_300, 45_000)

  /// What it must look like from here, with a fifth to either side.
  /// - Throws: `ClaimError` for one that no train shows.
  func claims(_ path: FaultPath) throws(ClaimError) -> [Claim] {
    let isThere = path == .egress
    guard rate >= Shaper.slowest else {
      throw ClaimError("\(rate.text) lets too few SYNs pass to tell: from \(Shaper.slowest.text) on a rate can be seen")
    }
    let fastest = isThere ? Shaper.fastestForward : Shaper.fastestBack
    guard rate <= fastest else {
      throw ClaimError(
        "\(rate.text) is as fast as \(isThere ? "SYNs leave" : "a host answers SYNs"): it cannot be seen")
    }
    let most = isThere ? Shaper.bucketForward : Shaper.bucketBack
    guard bucket <= most else {
      throw ClaimError(
        "its bucket of \(bucket) bytes lets a whole train of SYNs\(isThere ? "" : "' answers") pass at once: "
          + "no rate can be seen")
    }
    return [Claim(.rate(.about(rate, rate.bitsPerSecond / 5)))]
  }
}

extension NetemSpec {
  /// Reads a rate as tc(8) writes it, with its unit or in bits; bytes a second, nil for none.
  public static func rate(_ text: String) -> Double? { NetemParser.rate(text[...]) }
}
