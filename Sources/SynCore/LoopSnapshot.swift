package import SynWire

/// What a loop has counted so far.
package struct LoopSnapshot: Sendable {
  /// The engine's totals.
  package var counters = EngineCounters()
  /// Captured frames that no segment or error could be read from, by the reason.
  package var parseErrors: [WireError: UInt64] = [:]
  /// Probes without an outcome yet.
  package var inFlight = 0
  /// Series that have not ended, or whose target may still answer.
  package var series = 0
  /// Source ports that are kept from the kernel.
  package var ports = 0

  package init() {}
}
