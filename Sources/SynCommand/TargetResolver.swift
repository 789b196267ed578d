internal import SynCore
internal import SynProbe
internal import SynSystem
internal import SynWire

/// Turns the targets' names into addresses before the first probe; resolution is never part of a round trip.
struct TargetResolver {
  /// How long all names together may take.
  static let patience = Duration.seconds(5)

  let family: IPAddress.Family?
  /// Whether a name without an address ends it all.
  var needsAll = false

  /// The targets with their addresses, in the same order.
  ///
  /// Names without an address are said, and left out while there are others.
  /// - Throws: `CommandFailure`: 68 when none is left, or `needsAll`; 128 + n when a signal came first.
  func resolve(
    _ targets: [Target], signals: borrowing TerminationSignals
  ) throws(CommandFailure) -> [(target: Target, endpoint: Endpoint)] {
    var names: [String] = []
    var known: Set<String> = []
    for case .name(let name) in targets.map(\.host) where known.insert(name).inserted { names.append(name) }
    return try collect(targets, try lookUp(names, signals))
  }

  private typealias Answer = Result<[IPAddress], NameResolution.Failure>

  /// Each takes a thread of the system's resolver.
  private static let mostAtOnce = 64

  private func lookUp(
    _ names: [String], _ signals: borrowing TerminationSignals
  ) throws(CommandFailure) -> [String: Answer] {
    let deadline = SystemClock.now().advanced(by: TargetResolver.patience)
    var answers: [String: Answer] = [:]
    var waiting = names[...]
    var running: [NameResolution] = []
    while true {
      while running.count < TargetResolver.mostAtOnce, let name = waiting.popFirst() {
        do throws(SystemError) {
          running.append(try NameResolution(name, family: family))
        } catch {
          answers[name] = .failure(NameResolution.Failure(description: "\(error)"))
        }
      }
      if running.isEmpty || SystemClock.now() >= deadline { return answers }
      Waiting.wait(for: [signals.rawValue] + running.map(\.descriptor), until: deadline)
      if case .end(let signal) = signals.next() { throw CommandFailure(.interrupted(by: signal), "") }
      for resolution in running { answers[resolution.name] = resolution.result }
      running.removeAll { answers[$0.name] != nil }
    }
  }

  private func collect(
    _ targets: [Target], _ answers: [String: Answer]
  ) throws(CommandFailure) -> [(target: Target, endpoint: Endpoint)] {
    var resolved: [(target: Target, endpoint: Endpoint)] = []
    var failures: [String] = []
    for target in targets {
      switch target.host {
      case .address(let address): resolved.append((target, Endpoint(address: address, port: target.port)))
      case .name(let name):
        switch answers[name] {
        case .success(let addresses):
          if let local = addresses.first, local.isLinkLocalV6, local.zone == 0 {
            failures.append(
              "'\(name)' resolves to \(local), which needs a zone: write [\(local)%INTERFACE]:\(target.port)")
          } else if let odd = addresses.first(where: { !$0.isUnicast }) {
            failures.append("'\(name)' resolves to \(odd), which is not the address of one host")
          } else if let first = addresses.first {
            resolved.append((target, Endpoint(address: first, port: target.port)))
          }
        case .failure(let failure): failures.append("cannot resolve '\(name)': \(failure)")
        case nil: failures.append("cannot resolve '\(name)': no answer within \(TargetResolver.patience.text)")
        }
      }
    }
    guard failures.isEmpty || !needsAll && !resolved.isEmpty else {
      throw CommandFailure(.noHost, failures.joined(separator: "\n\(ProgramName.current): "))
    }
    for failure in failures { Diagnostics.say(failure) }
    return resolved
  }
}
