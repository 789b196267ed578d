/// Probes by their numbers, which only grow: in chunks, so that none is moved when there come to be more of them.
///
/// The chunks are small, for a probe that stays long keeps its whole chunk.
/// One table of a hundred thousand took a tenth of a second to grow, in which no reply was looked at.
struct ProbeStore<Element> {
  private struct Chunk {
    var probes = [Element?](repeating: nil, count: Int(ProbeStore.chunkSize))
    var count = 0
  }

  private static var chunkSize: UInt64 { 16 }
  private var chunks: [UInt64: Chunk] = [:]
  private(set) var count = 0

  subscript(id: ProbeID) -> Element? {
    get { chunks[id.rawValue / Self.chunkSize]?.probes[Int(id.rawValue % Self.chunkSize)] }
    set {
      let key = id.rawValue / Self.chunkSize
      let index = Int(id.rawValue % Self.chunkSize)
      let change = (newValue == nil ? 0 : 1) - (chunks[key]?.probes[index] == nil ? 0 : 1)
      if newValue == nil, change == 0 { return }
      chunks[key, default: Chunk()].probes[index] = newValue
      chunks[key]?.count += change
      count += change
      if chunks[key]?.count == 0 { chunks.removeValue(forKey: key) }
    }
  }

  /// Changes the probe in place; nothing happens when there is none.
  mutating func update(_ id: ProbeID, _ change: (inout Element) -> Void) {
    let index = Int(id.rawValue % Self.chunkSize)
    chunks[id.rawValue / Self.chunkSize]?.probes[index].mutate(change)
  }
}

extension Optional {
  /// Changes the value, where there is one, in place.
  fileprivate mutating func mutate(_ change: (inout Wrapped) -> Void) {
    guard var value = self else { return }
    self = nil  // So that what the value holds is not held twice while it changes.
    change(&value)
    self = value
  }
}
