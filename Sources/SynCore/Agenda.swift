/// Who is to be looked at when: the soonest first, each at one moment only.
///
/// A binary heap whose entries are not moved when a moment changes: the one that no longer holds is let go when its turn
/// comes.
public struct Agenda<Key: Hashable> {
  private struct Entry {
    let at: MonotonicInstant
    let key: Key
  }

  private var heap: [Entry] = []
  private var moments: [Key: MonotonicInstant] = [:]

  /// Nobody to be looked at.
  public init() {}

  /// How many there are.
  public var count: Int { moments.count }

  /// Sets when to look at `key`, in place of any earlier moment; nil for never.
  /// - Complexity: O(log n).
  public mutating func set(_ key: Key, to moment: MonotonicInstant?) {
    guard moments[key] != moment else { return }
    moments[key] = moment
    guard let moment else { return }
    heap.append(Entry(at: moment, key: key))
    rise(from: heap.count - 1)
  }

  /// The soonest moment.
  /// - Complexity: O(log n), amortised.
  public mutating func next() -> MonotonicInstant? {
    while let first = heap.first, moments[first.key] != first.at { removeFirst() }
    return heap.first?.at
  }

  /// Whose moment is the soonest.
  /// - Complexity: O(log n), amortised.
  package var first: Key? {
    mutating get { next() == nil ? nil : heap.first?.key }
  }

  /// Takes out whose moment has come at `now`, the soonest; nil when none has.
  /// - Complexity: O(log n), amortised.
  public mutating func take(at now: MonotonicInstant) -> Key? {
    guard let soonest = next(), soonest <= now else { return nil }
    let key = heap[0].key
    moments[key] = nil
    removeFirst()
    return key
  }

  private mutating func removeFirst() {
    heap.swapAt(0, heap.count - 1)
    heap.removeLast()
    sink()
  }

  private mutating func rise(from start: Int) {
    var index = start
    while index > 0, heap[index].at < heap[(index - 1) / 2].at {
      heap.swapAt(index, (index - 1) / 2)
      index = (index - 1) / 2
    }
  }

  private mutating func sink() {
    var index = 0
    while true {
      let left = 2 * index + 1
      guard left < heap.count else { return }
      let right = left + 1
      let child = right < heap.count && heap[right].at < heap[left].at ? right : left
      guard heap[child].at < heap[index].at else { return }
      heap.swapAt(index, child)
      index = child
    }
  }
}
