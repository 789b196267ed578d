/// Probes by their numbers, which only grow: in chunks, so that none is moved when there come to be more of them.
///
/// The chunks are small, for a probe that stays long keeps its whole chunk; those that are empty are used again.
/// One table of a hundred thousand took a tenth of a second to grow, in which no reply was looked at.
struct ProbeStore<Element> {
  private struct Slot {
    var element: Element

    mutating func update(_ change: (inout Element) -> Void) { change(&element) }
  }

  private static var chunkSize: UInt64 { 16 }
  private static var emptyChunksKept: Int { 64 }

  private var chunks: [[Slot?]] = []
  private var counts: [UInt8] = []
  private var empty: [Int] = []
  /// Where the chunk of these numbers is.
  private var places = ChunkPlaces()

  subscript(id: ProbeID) -> Element? {
    get {
      guard let place = places[id.rawValue / Self.chunkSize] else { return nil }
      return chunks[place][Self.index(id)]?.element
    }
    set {
      if let newValue { put(newValue, id) } else { remove(id) }
    }
  }

  /// Whether there is such a probe.
  func contains(_ id: ProbeID) -> Bool {
    guard let place = places[id.rawValue / Self.chunkSize] else { return false }
    return chunks[place][Self.index(id)] != nil
  }

  /// Changes the probe in place; nothing happens when there is none.
  mutating func update(_ id: ProbeID, _ change: (inout Element) -> Void) {
    guard let place = places[id.rawValue / Self.chunkSize] else { return }
    chunks[place][Self.index(id)]?.update(change)
  }

  private static func index(_ id: ProbeID) -> Int { Int(id.rawValue % chunkSize) }

  private mutating func put(_ element: Element, _ id: ProbeID) {
    let key = id.rawValue / Self.chunkSize
    let place = places[key] ?? addChunk(key)
    if chunks[place][Self.index(id)] == nil { counts[place] += 1 }
    chunks[place][Self.index(id)] = Slot(element: element)
  }

  private mutating func remove(_ id: ProbeID) {
    let key = id.rawValue / Self.chunkSize
    guard let place = places[key], chunks[place][Self.index(id)] != nil else { return }
    chunks[place][Self.index(id)] = nil
    counts[place] -= 1
    guard counts[place] == 0 else { return }
    places[key] = nil
    if empty.count >= Self.emptyChunksKept { chunks[place] = [] }
    empty.append(place)
  }

  private mutating func addChunk(_ key: UInt64) -> Int {
    let place = takeChunk()
    places[key] = place
    return place
  }

  /// A chunk that nothing is in.
  private mutating func takeChunk() -> Int {
    if let place = empty.popLast() {
      if chunks[place].isEmpty { chunks[place] = Self.vacantChunk() }
      return place
    }
    chunks.append(Self.vacantChunk())
    counts.append(0)
    return chunks.count - 1
  }

  private static func vacantChunk() -> [Slot?] { [Slot?](repeating: nil, count: Int(chunkSize)) }
}
