internal import SynEdge

/// What bounds the packets that are sent for all requests together: series at once, and probes a second.
struct Leases: Sendable {
  let rules: CurrentRules
  let slots = ProbeSlots()
  let budget = ProbeBudget()
}
