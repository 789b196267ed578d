internal import SynEdge
internal import Synchronization

/// The series of probes that run at once: no more than so many, and all of them end when the service does.
final class ProbeSlots: Sendable {
  private struct Contents {
    var isEnding = false
    var next = 0
    var cancels: [Int: @Sendable () -> Void] = [:]
  }

  private let contents = Mutex(Contents())

  /// How many are taken.
  var taken: Int { contents.withLock { $0.cancels.count } }

  /// Takes a slot; it must be given back.
  /// - Throws: `Problem` when all `most` are taken, or the service ends.
  func take(_ most: Int) throws(Problem) -> Int {
    try contents.withLock { contents throws(Problem) in
      if contents.isEnding { throw Problem(.shuttingDown, "the service is ending", retryAfter: .seconds(1)) }
      guard contents.cancels.count < most else {
        throw Problem(.overloaded, "\(most) series of probes are running", retryAfter: .seconds(1))
      }
      contents.next += 1
      contents.cancels[contents.next] = {}
      return contents.next
    }
  }

  /// What ends the series in a slot early.
  func onEnd(_ slot: Int, _ cancel: @escaping @Sendable () -> Void) {
    let isEnding = contents.withLock { contents in
      if contents.cancels[slot] != nil { contents.cancels[slot] = cancel }
      return contents.isEnding
    }
    if isEnding { cancel() }
  }

  /// Gives a slot back.
  func release(_ slot: Int) {
    contents.withLock { _ = $0.cancels.removeValue(forKey: slot) }
  }

  /// Whether the service ends, and its series with it.
  var isEnding: Bool { contents.withLock { $0.isEnding } }

  /// Ends all series, and lets none begin.
  func end() {
    let cancels = contents.withLock { contents in
      contents.isEnding = true
      return contents.cancels.values.map { $0 }
    }
    for cancel in cancels { cancel() }
  }
}
