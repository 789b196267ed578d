extension PingReport {
  /// The text on one line, the members in the order of the documentation.
  ///
  /// A ping result is written for each request of the service: Codable's way there takes five times as long, and was a
  /// sixth of all that a request cost.
  package var json: String {
    var writer = JSONWriter()
    writer.object(write)
    return writer.text
  }

  /// Writes the members into an object that is open.
  package func write(_ json: inout JSONWriter) {
    json.member("schema", schema)
    json.object("target") {
      $0.member("input", target.input)
      $0.member("address", target.address)
      $0.member("port", target.port)
    }
    json.member("mode", mode)
    json.member("interface", interface)
    json.member("source", source)
    json.array("paths", paths) { json, path in
      json.object {
        $0.member("interface", path.interface)
        $0.member("source", path.source)
      }
    }
    json.member("started_at", startedAt)
    json.member("duration_ms", durationMs)
    json.member("attempted", attempted)
    json.member("requested", requested)
    json.object("outcomes", outcomes.write)
    json.object("loss", loss.write)
    if let rttMs { json.object("rtt_ms", rttMs.write) }
    if let segmentsMs { json.object("segments_ms", segmentsMs.write) }
    json.object("anomalies", anomalies.write)
    json.object("timestamps", timestamps.write)
    json.array("probes", probes) { json, probe in json.object(probe.write) }
  }
}

extension PingReport.Outcomes {
  fileprivate func write(_ json: inout JSONWriter) {
    json.member("open", open)
    json.member("closed", closed)
    json.member("filtered", filtered)
    json.member("lost", lost)
    json.member("blocked", blocked)
    json.member("unexpected", unexpected)
    json.member("cancelled", cancelled)
  }
}

extension PingReport.Loss {
  fileprivate func write(_ json: inout JSONWriter) {
    json.member("ratio", ratio)
    json.member("of", of)
    json.member("egress", egress)
    json.member("network", network)
    json.member("ingress", ingress)
    json.member("unknown", unknown)
  }
}

extension PingReport.Summary {
  fileprivate func write(_ json: inout JSONWriter) {
    json.member("min", min)
    json.member("mean", mean)
    json.member("stddev", stddev)
    json.member("p50", p50)
    json.member("p90", p90)
    json.member("p99", p99)
    json.member("max", max)
  }
}

extension PingReport.Segments {
  fileprivate func write(_ json: inout JSONWriter) {
    if let egress { json.object("egress", egress.write) }
    if let network { json.object("network", network.write) }
    if let ingress { json.object("ingress", ingress.write) }
  }
}

extension PingReport.Segment {
  fileprivate func write(_ json: inout JSONWriter) {
    json.member("p50", p50)
    json.member("max", max)
  }
}

extension PingReport.Anomalies {
  fileprivate func write(_ json: inout JSONWriter) {
    json.member("duplicates", duplicates)
    json.member("retransmissions", retransmissions)
    json.member("late", late)
    json.member("reordered", reordered)
    json.member("corrupt", corrupt)
    json.member("unmatched", unmatched)
    json.member("capture_drops", captureDrops)
    json.member("clock_steps", clockSteps)
    json.member("leftovers", leftovers)
    json.member("stalls", stalls)
  }
}

extension PingReport.Timestamps {
  fileprivate func write(_ json: inout JSONWriter) {
    json.member("queued", queued)
    json.member("sent", sent)
    json.member("received", received)
    json.member("delivered", delivered)
    json.member("rtt", rtt)
  }
}

extension PingReport.Probe {
  /// The text of one probe alone on a line.
  package var json: String {
    var writer = JSONWriter()
    writer.object(write)
    return writer.text
  }

  fileprivate func write(_ json: inout JSONWriter) {
    json.member("schema", schema)
    json.member("target", target)
    json.member("seq", seq)
    json.member("at", at)
    json.member("outcome", outcome)
    json.member("where", place)
    json.member("rtt_ms", rttMs)
    json.member("egress_ms", egressMs)
    json.member("held_ms", heldMs)
    json.member("held_by", heldBy)
    json.member("network_ms", networkMs)
    json.member("ingress_ms", ingressMs)
    json.member("ttl", ttl)
    json.member("window", window)
    json.member("mss", mss)
    json.member("source_port", sourcePort)
    json.member("late_ms", lateMs)
    if let icmp {
      json.object("icmp") {
        $0.member("type", icmp.type)
        $0.member("code", icmp.code)
        $0.member("from", icmp.from)
      }
    }
    json.member("stranger", stranger)
    json.member("errno", errno)
    json.member("flags", flags)
    json.member("reason", reason)
  }
}
