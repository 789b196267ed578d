/// Who is to be looked at when: the soonest first, each at one moment only.
///
/// A binary heap whose entries are not moved when a moment changes: the one that no longer holds is let go when its turn
/// comes. Its code is inlinable: it is gone through several times for each probe, by other modules too.
public struct Agenda<Key: Hashable> {
  @usableFromInline struct Entry {
    @usableFromInline let at: MonotonicInstant
    @usableFromInline let key: Key

    @inlinable init(at: MonotonicInstant, key: Key) {
      self.at = at
      self.key = key
    }
  }

  @usableFromInline var heap: [Entry] = []
  @usableFromInline var moments: [Key: MonotonicInstant] = [:]

  /// Nobody to be looked at.
  @inlinable public init() {}

  /// How many there are.
  @inlinable public var count: Int { moments.count }

  /// Sets when to look at `key`, in place of any earlier moment; nil for never.
  /// - Complexity: O(log n).
  @inlinable public mutating func set(_ key: Key, to moment: MonotonicInstant?) {
    guard moments[key] != moment else { return }
    moments[key] = moment
    guard let moment else { return }
    heap.append(Entry(at: moment, key: key))
    rise(from: heap.count - 1)
  }

  /// The soonest moment.
  /// - Complexity: O(log n), amortised.
  @inlinable public mutating func next() -> MonotonicInstant? {
    while let first = heap.first, moments[first.key] != first.at { removeFirst() }
    return heap.first?.at
  }

  /// Whose moment is the soonest.
  /// - Complexity: O(log n), amortised.
  @inlinable package var first: Key? {
    mutating get { next() == nil ? nil : heap.first?.key }
  }

  /// Takes out whose moment has come at `now`, the soonest; nil when none has.
  /// - Complexity: O(log n), amortised.
  @inlinable public mutating func take(at now: MonotonicInstant) -> Key? {
    guard let soonest = next(), soonest <= now else { return nil }
    let key = heap[0].key
    moments[key] = nil
    removeFirst()
    return key
  }

  @inlinable mutating func removeFirst() {
    heap.swapAt(0, heap.count - 1)
    heap.removeLast()
    sink()
  }

  @inlinable mutating func rise(from start: Int) {
    var index = start
    while index > 0, heap[index].at < heap[(index - 1) / 2].at {
      heap.swapAt(index, (index - 1) / 2)
      index = (index - 1) / 2
    }
  }

  @inlinable mutating func sink() {
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
