internal import SynCore
internal import SynWire

/// What is on its way to the engine, in the order of time; at one moment in the order of adding.
///
/// A binary heap of the moments; the events, which are large, stay where they are.
struct EventQueue {
  enum Event {
    case stamp(ProbeID, TransmitStamp, KernelTimestamp)
    case captured(Frame, KernelTimestamp)
    case delivered(TCPSegment, KernelTimestamp)
    case icmp(ICMPError, KernelTimestamp)
  }

  private struct Entry {
    let at: MonotonicInstant
    let number: UInt64
    let place: Int

    func isBefore(_ other: Entry) -> Bool { at == other.at ? number < other.number : at < other.at }
  }

  private var heap: [Entry] = []
  private var events: [Event?] = []
  private var free: [Int] = []
  private var added: UInt64 = 0

  var first: MonotonicInstant? { heap.first?.at }

  mutating func add(_ event: Event, at moment: MonotonicInstant) {
    let place = free.popLast() ?? events.count
    if place == events.count { events.append(event) } else { events[place] = event }
    heap.append(Entry(at: moment, number: added, place: place))
    added += 1
    var index = heap.count - 1
    while index > 0, heap[index].isBefore(heap[(index - 1) / 2]) {
      heap.swapAt(index, (index - 1) / 2)
      index = (index - 1) / 2
    }
  }

  mutating func take(at now: MonotonicInstant) -> Event? {
    guard let first = heap.first, first.at <= now else { return nil }
    heap.swapAt(0, heap.count - 1)
    heap.removeLast()
    sink()
    free.append(first.place)
    defer { events[first.place] = nil }
    return events[first.place]
  }

  private mutating func sink() {
    var index = 0
    while 2 * index + 1 < heap.count {
      let left = 2 * index + 1
      let right = left + 1
      let child = right < heap.count && heap[right].isBefore(heap[left]) ? right : left
      guard heap[child].isBefore(heap[index]) else { return }
      heap.swapAt(index, child)
      index = child
    }
  }
}
