extension PingReport {
  /// A result in which every field is there.
  package static var sample: PingReport {
    let segment = Segment(p50: 0, max: 0)
    let probe = Probe(
      schema: "", target: "", seq: 0, at: "", outcome: "", place: "", rttMs: 0, egressMs: 0, heldMs: 0, heldBy: "",
      networkMs: 0, ingressMs: 0,
      ttl: 0, window: 0, mss: 0, sourcePort: 0, lateMs: 0, icmp: ICMP(type: 0, code: 0, from: ""), stranger: "",
      errno: "",
      flags: "", reason: "")
    return PingReport(
      target: Target(input: "", address: "", port: 0), mode: "", interface: "", source: "",
      paths: [Path(interface: "", source: "")], startedAt: "",
      durationMs: 0, attempted: 0, requested: 0, outcomes: Outcomes(), loss: Loss(ratio: 0, of: 0),
      rttMs: Summary(min: 0, mean: 0, stddev: 0, p50: 0, p90: 0, p99: 0, max: 0),
      segmentsMs: Segments(egress: segment, network: segment, ingress: segment),
      anomalies: Anomalies(leftovers: 0, stalls: 0),
      timestamps: Timestamps(queued: "", sent: "", received: "", delivered: "", rtt: ""), probes: [probe])
  }
}
