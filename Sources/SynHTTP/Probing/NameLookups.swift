internal import SynCore
internal import SynEdge
internal import SynProbe
internal import SynSystem
internal import SynWire
internal import Synchronization

/// Names on their way to addresses, no more than so many at once: each needs a thread that cannot be hurried.
final class NameLookups: Sendable {
  private static let most = 16
  /// Of one client, so that his slow names do not keep others from theirs.
  static let mostPerClient = 4
  private static let patience = Duration.seconds(5)
  private let running = Mutex<[IPAddress?: Int]>([:])

  /// The addresses of a name, of which there is at least one.
  /// - Throws: `Problem` when there are none in time.
  func addresses(
    of name: String, for client: IPAddress?, within time: Duration?
  ) async throws(Problem) -> [IPAddress] {
    let hasRoom = running.withLock { running in
      let own = running[client, default: 0]
      guard own < NameLookups.mostPerClient, running.values.reduce(0, +) < NameLookups.most else { return false }
      running[client] = own + 1
      return true
    }
    guard hasRoom else { throw Problem(.overloaded, "too many names are being resolved", retryAfter: .seconds(1)) }
    let patience = min(time ?? NameLookups.patience, NameLookups.patience)
    switch await lookUp(name, client, within: patience) {
    case .success(let addresses)?: return addresses
    case .failure(let failure)?:
      throw Problem(.nameNotResolved, "'\(name.escaped)' has no address: \(failure)", parameter: "target")
    case nil:
      throw Problem(.nameNotResolved, "'\(name.escaped)' was not resolved within \(patience.text)", parameter: "target")
    }
  }

  private func ended(for client: IPAddress?) {
    running.withLock { running in
      let rest = running[client, default: 1] - 1
      running[client] = rest > 0 ? rest : nil
    }
  }

  private func lookUp(
    _ name: String, _ client: IPAddress?, within time: Duration
  ) async -> Result<[IPAddress], NameResolution.Failure>? {
    let answer = FirstAnswer<Result<[IPAddress], NameResolution.Failure>?>()
    do throws(SystemError) {
      try NameResolution.start(name) { [self] result in
        ended(for: client)
        answer.give(result)
      }
    } catch {
      ended(for: client)
      return .failure(NameResolution.Failure(description: "\(error)"))
    }
    let clock = Task {
      try? await Task.sleep(for: time)
      answer.give(nil)
    }
    defer { clock.cancel() }
    return await answer.value
  }
}

/// A value that is waited for, of which the first one counts.
private final class FirstAnswer<Value: Sendable>: Sendable {
  private enum State {
    case empty
    case waiting(CheckedContinuation<Value, Never>)
    case given(Value)
  }

  private let state = Mutex(State.empty)

  var value: Value {
    get async {
      await withCheckedContinuation { continuation in
        let given: Value? = state.withLock { state in
          if case .given(let value) = state { return value }
          state = .waiting(continuation)
          return nil
        }
        if let given { continuation.resume(returning: given) }
      }
    }
  }

  func give(_ value: Value) {
    let waiting: CheckedContinuation<Value, Never>? = state.withLock { state in
      switch state {
      case .given: return nil
      case .empty:
        state = .given(value)
        return nil
      case .waiting(let continuation):
        state = .given(value)
        return continuation
      }
    }
    waiting?.resume(returning: value)
  }
}
