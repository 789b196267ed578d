import SynCore
import SynTesting
import SynWire
import Testing

@testable import SynProbe

@Suite struct KeptProbe {
  private static let target = Endpoint(address: IPAddress(v4: 0xc000_0202), port: 80)
  private static let error = ICMPError(
    sender: IPAddress(v4: 1), type: 3, code: 13,
    quoted: .init(sourcePort: 1, destination: target, sequence: SequenceNumber(0)))

  private static func result(
    _ sequence: Int, _ outcome: ProbeOutcome, _ change: (inout ProbeResult) -> Void = { _ in }
  ) -> ProbeResult {
    let request = ProbeRequest(series: SeriesID(3), sequence: sequence, target: target, timeout: .seconds(2), device: 4)
    var observation = Observation()
    observation.queued = KernelTimestamp(nanoseconds: 1_700_000_000_000_000_000 + Int64(sequence))
    observation.sent = KernelTimestamp(nanoseconds: 1_700_000_000_000_000_500)
    var result = ProbeResult(
      id: ProbeID(UInt64(sequence) + 9), request: request, submitted: MonotonicInstant(nanoseconds: 77),
      localPort: 61_000, outcome: outcome, observation: observation, reply: nil)
    change(&result)
    return result
  }

  @Test(arguments: [
    result(0, .open) { $0.observation.delivered = KernelTimestamp(nanoseconds: 1_700_000_000_000_100_000) },
    result(1, .closed) {
      $0.observation = Observation(); $0.observation.handshake = .microseconds(33); $0.localPort = nil
    },
    result(2, .filtered(error)), result(3, .lost(.egress)) { $0.cause = .silentNeighbour(IPAddress(v4: 9)) },
    result(4, .lost(.network)) { $0.stranger = target }, result(5, .lost(.ingress)) { $0.noted = error },
    result(6, .lost(.unknown)), result(7, .blocked(SendFailure(errno: 105))), result(8, .unexpected([.ack, .fin])),
    result(9, .unexpected(.ack)) { $0.request.repeats = 2 }, result(10, .cancelled),
    result(12, .lost(.ingress)) { $0.drop = DropReason("NETFILTER_DROP", in: "nft_do_chain") },
    result(11, .open) {
      $0.observation.handed = KernelTimestamp(nanoseconds: 5); $0.observation.holder = .neighbour
    },
  ]) func whatWasKeptComesBackAsItWas(_ result: ProbeResult) {
    var kept = KeptProbes()
    kept.insert(Self.result(100, .open))
    kept.insert(result)
    #expect(kept.first == result)
  }

  @Test func theyStandInTheOrderOfTheirNumbersWhicheverEndsFirst() {
    for seed in 0..<20 as Range<UInt64> {
      var generator = SeededGenerator(seed: seed)
      var kept = KeptProbes()
      for sequence in (0..<300).shuffled(using: &generator) { kept.insert(Self.result(sequence, .lost(.network))) }
      #expect(kept.map(\.request.sequence) == Array(0..<300))
    }
  }

  @Test func oneCostsLessThanTwoHundredBytes() {
    #expect(KeptProbes.bytesEach <= 200)
  }
}
