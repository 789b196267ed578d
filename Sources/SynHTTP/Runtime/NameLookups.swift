internal import SynIO
internal import SynProbe
internal import SynWire
internal import Synchronization

/// Names on their way to addresses, no more than so many at once: each needs a thread that cannot be hurried.
final class NameLookups: Sendable {
  private static let most = 16
  private static let patience = Duration.seconds(5)
  private let running = Mutex(0)

  /// The addresses of a name, of which there is at least one.
  /// - Throws: `Problem` when there are none in time.
  func addresses(of name: String) async throws(Problem) -> [IPAddress] {
    let hasRoom = running.withLock { running in
      guard running < NameLookups.most else { return false }
      running += 1
      return true
    }
    guard hasRoom else {
      throw Problem(.overloaded, "\(NameLookups.most) names are being resolved", retryAfter: .seconds(1))
    }
    switch await lookUp(name) {
    case .success(let addresses)?: return addresses
    case .failure(let failure)?:
      throw Problem(.nameNotResolved, "'\(name.escaped)' has no address: \(failure)", parameter: "target")
    case nil:
      throw Problem(.nameNotResolved, "'\(name.escaped)' was not resolved within 5 s", parameter: "target")
    }
  }

  private func lookUp(_ name: String) async -> Result<[IPAddress], NameResolution.Failure>? {
    let answer = FirstAnswer<Result<[IPAddress], NameResolution.Failure>?>()
    do throws(SynIOError) {
      try NameResolution.start(name) { [self] result in
        running.withLock { $0 -= 1 }
        answer.give(result)
      }
    } catch {
      running.withLock { $0 -= 1 }
      return .failure(NameResolution.Failure(description: "\(error)"))
    }
    let clock = Task {
      try? await Task.sleep(for: NameLookups.patience)
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
