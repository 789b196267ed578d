internal import SynCore
internal import SynProbe
internal import SynVerify

/// What a job makes of its events.
protocol JobWork: ProbeReducer {
  /// Why nothing could be sent.
  var failure: ProberError? { get }
  /// Whether some series of it go on.
  var isRunning: Bool { get }
  /// The result as JSON.
  func json(at now: MonotonicInstant) -> String
}

extension JobWork {
  /// One series: it has ended when this is asked.
  var isRunning: Bool { false }

  /// What has come of it when nothing goes on any more; nil before.
  ///
  /// Asked when a series has ended.
  func outcome(at now: MonotonicInstant) -> Job.Outcome? {
    guard !isRunning else { return nil }
    return failure.map { .failed($0) } ?? .json(json(at: now))
  }
}

extension Measurement: JobWork {
  func json(at now: MonotonicInstant) -> String { report(ended: now, includesProbes: true).json }
}

extension Verification: JobWork {
  func json(at now: MonotonicInstant) -> String { report().json }
}

extension Identification: JobWork {
  func json(at now: MonotonicInstant) -> String { report().json }
}

extension TraceMeasurement: JobWork {
  func json(at now: MonotonicInstant) -> String { report(ended: now).json }
}
