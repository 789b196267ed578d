/// Probes by their numbers, which only grow: in chunks, so that none is moved when there come to be more of them.
///
/// The chunks are small, for a probe that stays long keeps its whole chunk.
/// One table of a hundred thousand took a tenth of a second to grow, in which no reply was looked at.
struct ProbeStore<Element> {
  private struct Slot {
    var element: Element

    mutating func update(_ change: (inout Element) -> Void) { change(&element) }
  }

  private struct Chunk {
    var slots = [Slot?](repeating: nil, count: Int(ProbeStore.chunkSize))
    var count = 0
  }

  private static var chunkSize: UInt64 { 16 }
  private var chunks: [UInt64: Chunk] = [:]
  private(set) var count = 0

  subscript(id: ProbeID) -> Element? {
    _read {
      // A probe is large: whoever looks at one thing of it copies no more.
      if let chunk = chunks[id.rawValue / Self.chunkSize] {
        yield chunk.slots[Int(id.rawValue % Self.chunkSize)]?.element
      } else {
        yield nil
      }
    }
    set {
      let key = id.rawValue / Self.chunkSize
      let index = Int(id.rawValue % Self.chunkSize)
      let change = (newValue == nil ? 0 : 1) - (chunks[key]?.slots[index] == nil ? 0 : 1)
      if newValue == nil, change == 0 { return }
      chunks[key, default: Chunk()].slots[index] = newValue.map { Slot(element: $0) }
      chunks[key]?.count += change
      count += change
      if chunks[key]?.count == 0 { chunks.removeValue(forKey: key) }
    }
  }

  /// Changes the probe in place; nothing happens when there is none.
  mutating func update(_ id: ProbeID, _ change: (inout Element) -> Void) {
    chunks[id.rawValue / Self.chunkSize]?.slots[Int(id.rawValue % Self.chunkSize)]?.update(change)
  }
}
