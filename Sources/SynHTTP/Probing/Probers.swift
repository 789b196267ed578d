package import SynCore
internal import SynEdge
internal import SynProbe

/// The engines of the service: one for SYN segments where they are permitted, and one for connect(2).
package struct Probers: Sendable {
  private let automatic: Prober
  private let connect: Prober
  /// Why there is none for SYN segments.
  package var fallbackReason: ProberError? { automatic.fallbackReason }

  /// Why this host's kernel cannot be asked why it drops packets, where it was to be.
  package var whyAbsence: String? { automatic.whyAbsence }

  /// Opens the sockets; the calling thread must still hold its capabilities.
  /// - Parameter tellsWhy: Whether the kernel is asked why it drops what is lost.
  /// - Throws: `ProberError` where none can be opened.
  package init(tellsWhy: Bool = false) throws(ProberError) {
    var configuration = ProberConfiguration()
    configuration.tellsWhy = tellsWhy
    automatic = try Prober(configuration)
    configuration.tellsWhy = false
    configuration.mode = .connect
    connect = automatic.mode == .connect ? automatic : try Prober(configuration)
  }

  /// The engine of a mode; nil for the best there is.
  /// - Throws: `Problem` for SYN segments where they are not permitted.
  func prober(_ mode: ProbeMode?) throws(Problem) -> Prober {
    switch mode {
    case nil: return automatic
    case .connect: return connect
    case .syn:
      if let reason = fallbackReason {
        throw Problem.bad("mode", "syn is not possible here: \(reason); auto and connect are")
      }
      return automatic
    }
  }

  /// The engine that sends SYN segments, for what cannot be done without them.
  /// - Throws: `Problem` where they are not permitted.
  func raw(_ purpose: String) throws(Problem) -> Prober {
    guard let reason = fallbackReason else { return automatic }
    throw Problem(.probingFailed, "\(purpose) takes SYN segments of its own: \(reason)", retryAfter: .seconds(60))
  }

  /// What all of them have counted.
  func snapshots() async -> [LoopSnapshot] {
    var snapshots = [await automatic.snapshot()]
    if automatic.mode != .connect { snapshots.append(await connect.snapshot()) }
    return snapshots
  }
}
