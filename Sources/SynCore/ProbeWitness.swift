/// What was seen of a witness: a probe whose answer this host neither takes nor refuses, so that the target repeats it, if
/// it ever does.
public enum ProbeWitness: Hashable, Sendable, Codable {
  /// The one that was sent at this moment was answered.
  case answered(MonotonicInstant)
  /// The one that was sent at this moment was not answered in time.
  case unanswered(MonotonicInstant)
  /// The target repeated an answer, so long after the first one, or where that was lost after the probe.
  case repeated(after: Duration)
  /// There is no witness.
  case none(Refusal)

  /// Why there is none.
  public enum Refusal: Hashable, Sendable, Codable {
    /// The only source port is that of the probes.
    case fixedPort
    /// No source port is left.
    case noPort
  }
}
