/// What can be said of a verification beside its claims, by the names of the service; the command writes them with dashes.
package enum VerifySetting: String, CaseIterable, Sendable {
  case netem, path, control, confidence
  case mostProbes = "max_probes"
  case longest = "max_time"
  case interval, timeout, sibling

  /// In one sentence.
  package var help: String {
    switch self {
    case .netem: "What tc's netem was told, as 'delay 100ms 10ms loss 5%'."
    case .path: "Where the fault sits: on this host's egress, at the peer, or both."
    case .control: "A target without the fault, measured alternately as the baseline."
    case .confidence: "That no verdict is wrong, for all claims together."
    case .mostProbes: "Probes to each target at most."
    case .longest: "How long it takes at most."
    case .interval: "Time between the starts of two probes."
    case .timeout: "How long an answer counts."
    case .sibling: "A closed port of the target's address, to be asked when its own falls silent."
    }
  }

  /// What holds where it is not given; nil where nothing does.
  package var usual: String? {
    switch self {
    case .netem, .path, .control, .sibling: nil
    case .confidence: "95%"
    case .mostProbes: "2000"
    case .longest: "60s"
    case .interval: "20ms"
    case .timeout: "2s, at most a third of the longest time"
    }
  }
}
