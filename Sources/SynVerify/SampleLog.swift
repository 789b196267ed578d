internal import SynCore
internal import SynProbe
internal import SynVerdict

/// The events of one series as evidence: without a gap, up to the first probe that has not ended.
struct SampleLog {
  private var samples: [Sample] = []
  private var endings: [MonotonicInstant] = []
  /// Probes that ended behind one that has not.
  private var ahead: [Int: (sample: Sample, end: MonotonicInstant)] = [:]
  private var marks: [Int: [SampleMark]] = [:]
  /// What tells which way probes were lost; nil where no claim asks.
  private var trail: LossTrail?
  private var rates = PathRates()
  private var areTrainsOver = false
  private var noTrains: TrainAbsence?
  private(set) var captureDrops: UInt64 = 0
  private(set) var clockSteps: UInt64 = 0
  private let isByKernel: Bool

  init(tellsDirection: Bool = false, mode: ProbeMode = .syn) {
    isByKernel = mode == .connect
    if tellsDirection { trail = LossTrail(isByKernel: isByKernel) }
  }

  /// SYNs of the trains.
  var trainProbes: Int { rates.probes }

  /// How many probes there are without a gap.
  var count: Int { samples.count }

  mutating func add(_ event: ProbeEvent, at now: MonotonicInstant) {
    trail?.add(event)
    switch event {
    case .probe(let result):
      areTrainsOver = true
      add(result, at: now)
    case .report(let report): add(report)
    case .train(let train): rates.add(train)
    case .noTrains(let absence): noTrains = absence
    case .ended: areTrainsOver = true
    case .started, .path, .witness, .sibling, .dropped, .packet, .failed: break
    }
  }

  /// The probes that ended `settling` ago or earlier: by then a copy of an answer has come too.
  func evidence(settling: Duration, at now: MonotonicInstant, listener: ListenerReading? = nil) -> Evidence {
    let settled = settling == .zero ? samples.count : endings.firstIndex { now.since($0) < settling } ?? samples.count
    var evidence = Evidence(Array(samples.prefix(settled)), captureDrops: captureDrops, clockSteps: clockSteps)
    evidence.isByKernel = isByKernel
    (evidence.rates, evidence.areTrainsOver, evidence.noTrains) = (rates, areTrainsOver, noTrains)
    if let reading = reading(at: now, listener) {
      for (sequence, way) in reading.ways where sequence < settled { evidence.samples[sequence].way = way }
      evidence.undecided = reading.reason
    }
    return evidence
  }

  private func reading(at now: MonotonicInstant, _ listener: ListenerReading?) -> DirectionReading? {
    trail.map { DirectionReading($0, heardUntil: now, listener: listener) }
  }

  private mutating func add(_ result: ProbeResult, at now: MonotonicInstant) {
    // The run ended first: what came behind it is not without a gap.
    guard result.outcome != .cancelled else { return }
    var sample = Sample(result, isOwnShortage: result.outcome.isOwnShortage)
    for mark in marks.removeValue(forKey: result.request.sequence) ?? [] { mark.set(on: &sample) }
    ahead[result.request.sequence] = (sample, now)
    while let next = ahead.removeValue(forKey: samples.count) {
      samples.append(next.sample)
      endings.append(next.end)
    }
  }

  private mutating func add(_ report: AnomalyReport) {
    switch report.kind {
    case .captureDrops: captureDrops &+= report.count
    case .clockSteps: clockSteps &+= report.count
    default:
      if let found = SampleMark(report.kind) { mark(report.sequence, found) }
    }
  }

  private mutating func mark(_ sequence: Int?, _ mark: SampleMark) {
    guard let sequence else { return }
    if samples.indices.contains(sequence) {
      mark.set(on: &samples[sequence])
    } else if var known = ahead[sequence] {
      mark.set(on: &known.sample)
      ahead[sequence] = known
    } else {
      marks[sequence, default: []].append(mark)
    }
  }
}

extension ProbeOutcome {
  /// Whether this host, or this process, had no room for the probe: its own limit, and no fault that was injected.
  var isOwnShortage: Bool {
    guard case .blocked(let failure) = self else { return false }
    return failure.isShortage || ["EMFILE", "ENFILE"].contains(failure.name)
  }
}
