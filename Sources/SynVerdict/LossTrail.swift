public import SynCore

/// The probes of one target in the order of their sending, as far as they tell which way a loss happened.
///
/// A probe that was lost beyond this host was lost on the way *back* if the target repeated its answer, which it does only
/// after the SYN has reached it. One that stays silent was lost on the way *there*, provided that
/// - the target repeats what nobody takes: a repetition was seen, of a probe's answer or of a witness's (SYN cookies, a
///   proxy that answers itself, `tcp_synack_retries=0` repeat nothing);
/// - the path was open when the first repetition would have come: a neighbour in time was answered. On the later ones
///   nothing is built: a Linux whose own filter drops one gives the connection up;
/// - too few were lost on the way back for that repetition to be lost with them.
///
/// Whatever misses one of these is undecided, but in an outage: of losses in a row that last longer than the target's timer
/// those from before the end decide for all, if they agree.
public struct LossTrail: Hashable, Sendable {
  /// A probe, by what the network made of it.
  struct Trial: Hashable, Sendable {
    let sequence: Int
    /// When it was sent, nanoseconds on the monotonic clock.
    let at: Int64
    var fate: Fate
  }

  enum Fate: Hashable, Sendable {
    case answered, refused, repeated, silent
    /// Answered after the timeout, and not by the target's timer.
    case late
  }

  /// So long is listened for the target's first repetitions, after 1 s and after 3 s.
  public static let listening = Duration.milliseconds(3_400)
  /// So long a lost probe is remembered: Linux repeats for the fifth time after 31 s.
  public static let memory = Duration.seconds(35)
  private(set) var trials: [Trial] = []
  private var places: [Int: Int] = [:]
  /// Repetitions of a probe's answer that came before its end.
  private var early: Set<Int> = []
  private(set) var witnesses = WitnessLog()
  /// Whether the probes go by connect(2), whose handshakes are the kernel's.
  let isByKernel: Bool

  /// Begins with nothing.
  public init(isByKernel: Bool = false) {
    self.isByKernel = isByKernel
  }

  /// So many probes are kept, some 60 MB; of those beyond nothing is told.
  public static let mostTrials = 1_000_000

  /// Adds an event of the series.
  public mutating func add(_ event: ProbeEvent) {
    switch event {
    case .probe(let result): add(result)
    case .report(let report): add(report)
    case .witness(let witness): witnesses.add(witness)
    case .started, .path, .sibling, .train, .noTrains, .packet, .dropped, .failed, .ended: break
    }
  }

  /// The probes as they were sent, and not as they ended.
  var inOrder: [Trial] { trials.sorted { $0.sequence < $1.sequence } }

  /// Forgets the probes that have ended; that the target repeats, and what it repeated of those in flight, stays known.
  public mutating func forget() {
    (trials, places) = ([], [:])
    witnesses.forgetMoments()
  }

  private mutating func add(_ result: ProbeResult) {
    let isRepeated = early.remove(result.request.sequence) != nil
    let fate: Fate
    switch result.outcome {
    case .open: fate = .answered
    case .closed: fate = .refused
    case .lost(.network): fate = isRepeated ? .repeated : .silent
    default: return
    }
    guard trials.count < LossTrail.mostTrials else { return }
    if fate == .silent { places[result.request.sequence] = trials.count }
    trials.append(Trial(sequence: result.request.sequence, at: result.submitted.nanoseconds, fate: fate))
  }

  private mutating func add(_ report: AnomalyReport) {
    guard let sequence = report.sequence else { return }
    if report.kind == .late, let place = places.removeValue(forKey: sequence) { trials[place].fate = .late }
    guard report.kind == .retransmissions else { return }
    // Of an answer that came: this host's RST was lost, and the target is seen to repeat.
    if let delay = report.delay { witnesses.addRepetition(after: delay) }
    if report.copy != nil { return }
    if let place = places.removeValue(forKey: sequence) {
      trials[place].fate = .repeated
    } else {
      early.insert(sequence)
    }
  }
}

/// What the target was seen to do with answers that nobody takes and nobody refuses.
public struct WitnessLog: Hashable, Sendable {
  /// When witnesses were sent that were answered, nanoseconds.
  private(set) var answered: [Int64] = []
  /// When those were sent that were not.
  private(set) var unanswered: [Int64] = []
  /// The soonest that an answer was repeated after the first; nil while none was.
  private(set) var soonestRepetition: Duration?
  /// Why there is no witness; nil where there is.
  private(set) var refusal: ProbeWitness.Refusal?

  private static let most = 100_000

  mutating func add(_ witness: ProbeWitness) {
    switch witness {
    case .answered(let moment): if answered.count < Self.most { answered.append(moment.nanoseconds) }
    case .unanswered(let moment): if unanswered.count < Self.most { unanswered.append(moment.nanoseconds) }
    case .repeated(let delay): addRepetition(after: delay)
    case .none(let refusal): self.refusal = refusal
    }
  }

  mutating func forgetMoments() { (answered, unanswered) = ([], []) }

  mutating func addRepetition(after delay: Duration) {
    soonestRepetition = min(delay, soonestRepetition ?? delay)
  }
}
