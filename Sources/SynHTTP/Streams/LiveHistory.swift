internal import NIOCore
internal import SynCore

/// The events of the last minute, for clients whose connection broke.
struct LiveHistory {
  /// How far it reaches back, and how many octets it has at most.
  private static let length = Duration.seconds(60)
  private static let most = 2 << 20

  /// Tells these numbers from those of another run of the service.
  let epoch = String(UInt32.random(in: .min ... .max), radix: 36)
  private var first = 1
  private var events: [(at: MonotonicInstant, piece: ByteBuffer)] = []
  private var octets = 0

  var isEmpty: Bool { events.isEmpty }

  /// The identifier of the next event.
  var nextID: String { "\(epoch)-\(first + events.count)" }

  /// Adds the event with that identifier.
  mutating func add(_ piece: ByteBuffer, at now: MonotonicInstant) {
    events.append((now, piece))
    octets += piece.readableBytes
    // In steps: each costs as much as there are events.
    guard events.count % 64 == 0 else { return }
    var count = events.prefix { now.since($0.at) > LiveHistory.length }.count
    var left = octets - events.prefix(count).reduce(0) { $0 + $1.piece.readableBytes }
    while left > LiveHistory.most, count < events.count {
      left -= events[count].piece.readableBytes
      count += 1
    }
    events.removeFirst(count)
    first += count
    octets = left
  }

  /// What followed an event within the last minute; nothing for one that is unknown.
  func after(_ id: String, at now: MonotonicInstant) -> [ByteBuffer] {
    let parts = id.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0] == epoch, let number = Int(plain: String(parts[1]), in: 0...Int.max - 1) else {
      return []
    }
    let follows = events.dropFirst(max(number + 1 - first, 0)).drop { now.since($0.at) > LiveHistory.length }
    guard !follows.isEmpty else { return [] }
    let gone = max(first + (events.count - follows.count) - (number + 1), 0)
    let word = gone > 0 ? [StreamFrame.comment("\(gone) events are gone: they are kept for a minute at most")] : []
    return word + follows.map(\.piece)
  }
}
