import SynCore
import SynVerdict
import Testing

@Suite struct DropEvidences {
  private static let tbf = DropCounter("qdisc tbf 8001: on eth0", .egress)
  private static let reversePath = DropCounter("TcpExtIPReversePathFilter", .ingress)
  private static let conntrack = DropCounter("conntrack drop", [.egress, .ingress])

  /// So many probes of each outcome.
  private static func statistics(_ outcomes: [(ProbeOutcome, Int)], repeated: UInt64 = 0) -> SeriesStatistics {
    var statistics = SeriesStatistics()
    var number = 0
    for (outcome, count) in outcomes {
      for _ in 0..<count {
        statistics.add(.made(number, at: .milliseconds(number), outcome))
        number += 1
      }
    }
    if repeated > 0 { statistics.add(AnomalyReport(.retransmissions, count: repeated)) }
    return statistics
  }

  private static func found(
    _ outcomes: [(ProbeOutcome, Int)], _ growth: [DropCounter: UInt64], repeated: UInt64 = 0, isWithinHost: Bool = false
  ) -> [String] {
    let statistics = statistics(outcomes, repeated: repeated)
    return DropEvidence.find(statistics, growth: growth, isWithinHost: isWithinHost).map {
      "\($0.place.rawValue) \($0.count) \($0.what): \($0.word.rawValue)"
    }
  }

  private static let full = ProbeOutcome.blocked(SendFailure(errno: 105))
  private static let ownBuffer = ProbeOutcome.blocked(SendFailure(errno: 105, isBufferFull: true))

  @Test(
    arguments: [
      // A queue may tell of what it drops, or not.
      ([(.lost(.egress), 49), (.open, 11)], [tbf: 49], ["egress 49 qdisc tbf 8001: on eth0: counts agree"]),
      ([(full, 49), (.open, 11)], [tbf: 49], ["egress 49 qdisc tbf 8001: on eth0: counts agree"]),
      ([(.lost(.egress), 40), (full, 9)], [tbf: 49], ["egress 49 qdisc tbf 8001: on eth0: counts agree"]),
      ([(.lost(.egress), 49)], [tbf: 50], ["egress 50 qdisc tbf 8001: on eth0: counts differ"]),
      // What did not reach a queue, or came, no queue counts.
      ([(ownBuffer, 49)], [tbf: 49], []),
      ([(.lost(.ingress), 49)], [tbf: 49], []),
      ([(.lost(.network), 49)], [tbf: 49, reversePath: 49], []),
      ([(.open, 49)], [tbf: 49], []),
      (
        [(.lost(.ingress), 5), (.lost(.egress), 2)], [tbf: 3, reversePath: 5, conntrack: 2],
        [
          "egress 2 conntrack drop: counts agree", "ingress 5 TcpExtIPReversePathFilter: counts agree",
          "egress 3 qdisc tbf 8001: on eth0: counts differ", "ingress 2 conntrack drop: counts differ",
        ]
      ),
    ] as [([(ProbeOutcome, Int)], [DropCounter: UInt64], [String])])
  func equalCountsAreEvidence(
    _ outcomes: [(ProbeOutcome, Int)], _ growth: [DropCounter: UInt64], _ expected: [String]
  ) {
    #expect(DropEvidences.found(outcomes, growth) == expected)
  }

  @Test func whatTheTargetRepeatsMeetsTheSameEnd() {
    let lost = [(ProbeOutcome.lost(.ingress), 5)]
    let both = DropEvidences.found(lost, [DropEvidences.reversePath: 12], repeated: 7)
    #expect(both == ["ingress 12 TcpExtIPReversePathFilter: counts agree"])
  }

  @Test func whatIsLostOnTheWayToItselfAHostMayHaveDroppedAsItCame() {
    let overflow = DropCounter("TcpExtListenOverflows", .ingress)
    let found = DropEvidences.found([(.lost(.network), 5)], [overflow: 5], isWithinHost: true)
    #expect(found == ["network 5 TcpExtListenOverflows: counts agree"])
  }

  @Test func whatTheKernelSaidOfEachProbeComesFirst() {
    var statistics = SeriesStatistics()
    for number in 0..<3 {
      var result = ProbeResult.made(number, at: .milliseconds(number), .lost(.egress))
      result.drop = number < 2 ? DropReason("TC_EGRESS", in: "__dev_queue_xmit") : nil
      statistics.add(result)
    }
    var refused = ProbeResult.made(3, at: .milliseconds(3), .blocked(SendFailure(errno: 1)))
    refused.drop = DropReason("NETFILTER_DROP")
    statistics.add(refused)
    let found = DropEvidence.find(statistics, growth: [DropEvidences.tbf: 3], isWithinHost: false)
    #expect(
      found.map { "\($0.place.rawValue) \($0.count) \($0.what): \($0.word.rawValue)" } == [
        "egress 2 a filter of traffic control (TC_EGRESS, __dev_queue_xmit): traced",
        "egress 1 netfilter (NETFILTER_DROP): traced", "egress 3 qdisc tbf 8001: on eth0: counts agree",
      ])
  }

  @Test func aCounterGrowsByWhatCameSince() {
    var before = DropCounts()
    before.add(DropEvidences.tbf, 10)
    before.add(DropEvidences.reversePath, 7)
    before.knowsDisciplines = true
    var after = DropCounts()
    after.add(DropEvidences.tbf, 59)
    // Set back, as by a discipline that was replaced: what it stands at says nothing of before.
    after.add(DropEvidences.reversePath, 3)
    // What could not be read before, and a discipline that is new.
    after.add(DropEvidences.conntrack, 2)
    let fresh = DropCounter(discipline: "pfifo 2: on eth0", .egress)
    after.add(fresh, 2)
    after.add(fresh, 1)
    #expect(after.growth(since: before) == [DropEvidences.tbf: 49, fresh: 3])
    before.knowsDisciplines = false
    #expect(after.growth(since: before) == [DropEvidences.tbf: 49])
  }
}
