/// Places by numbers that mostly grow, found by arithmetic: a dictionary would hash each number.
///
/// The numbers are dealt to pages, so that a lone old one keeps one page; those that are empty are used again.
struct ChunkPlaces {
  private static var pageSize: UInt64 { 1024 }
  private static var none: UInt32 { .max }

  /// Where each page lies in `entries`, from that of `first` on; `none` where it is empty.
  private var pages: [UInt32] = []
  /// The number of the first page.
  private var first: UInt64 = 0
  /// All pages, one after the other.
  private var entries: [UInt32] = []
  /// How many places each page in `entries` holds.
  private var counts: [UInt16] = []
  private var empty: [UInt32] = []

  /// The place of a number, if it has one.
  /// - Complexity: O(1); to set one before all others O(n) in the pages between them.
  subscript(number: UInt64) -> Int? {
    get {
      guard let entry = entry(of: number) else { return nil }
      let place = entries[entry]
      return place == Self.none ? nil : Int(place)
    }
    set {
      if let newValue { put(UInt32(newValue), number) } else { remove(number) }
    }
  }

  /// Where in `entries` the place of a number stands, if its page is there.
  private func entry(of number: UInt64) -> Int? {
    let page = number / Self.pageSize
    guard page >= first, page - first < UInt64(pages.count) else { return nil }
    let start = pages[Int(page - first)]
    return start == Self.none ? nil : Int(start) * Int(Self.pageSize) + Int(number % Self.pageSize)
  }

  private mutating func put(_ place: UInt32, _ number: UInt64) {
    let entry = entry(of: number) ?? openPage(of: number)
    if entries[entry] == Self.none { counts[entry / Int(Self.pageSize)] += 1 }
    entries[entry] = place
  }

  private mutating func openPage(of number: UInt64) -> Int {
    let page = number / Self.pageSize
    if pages.isEmpty { first = page }
    if page < first {
      pages.insert(contentsOf: repeatElement(Self.none, count: Int(first - page)), at: 0)
      first = page
    }
    let index = Int(page - first)
    if index >= pages.count { pages.append(contentsOf: repeatElement(Self.none, count: index + 1 - pages.count)) }
    pages[index] = takePage()
    return Int(pages[index]) * Int(Self.pageSize) + Int(number % Self.pageSize)
  }

  private mutating func takePage() -> UInt32 {
    if let page = empty.popLast() { return page }
    entries.append(contentsOf: repeatElement(Self.none, count: Int(Self.pageSize)))
    counts.append(0)
    return UInt32(counts.count - 1)
  }

  private mutating func remove(_ number: UInt64) {
    guard let entry = entry(of: number), entries[entry] != Self.none else { return }
    entries[entry] = Self.none
    let page = entry / Int(Self.pageSize)
    counts[page] -= 1
    guard counts[page] == 0 else { return }
    empty.append(UInt32(page))
    pages[Int(number / Self.pageSize - first)] = Self.none
    let vacant = pages.prefix { $0 == Self.none }.count
    // Letting go of them one by one would move the others each time.
    guard vacant == pages.count || 2 * vacant > pages.count else { return }
    pages.removeFirst(vacant)
    first += UInt64(vacant)
    guard pages.isEmpty else { return }
    if counts.count > 64 { self = ChunkPlaces() }
  }
}
