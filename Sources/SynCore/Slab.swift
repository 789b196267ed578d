/// Values in numbered places that are used again: none of them is allocated on its own.
struct Slab<Element> {
  private var places: [Element] = []
  private var free: [UInt32] = []
  /// What stands where nothing is.
  private let vacant: Element
  /// With more places than this, all are given up when the last is empty.
  private static var kept: Int { 1024 }

  /// No place yet.
  init(vacant: Element) {
    self.vacant = vacant
  }

  /// How many places are taken.
  var count: Int { places.count - free.count }

  /// What is at a place that `insert` gave.
  subscript(place: UInt32) -> Element { places[Int(place)] }

  /// Changes what is at a place that `insert` gave, where it is.
  mutating func update(_ place: UInt32, _ change: (inout Element) -> Void) { change(&places[Int(place)]) }

  /// Puts a value somewhere, and says where.
  /// - Complexity: O(1), amortised.
  mutating func insert(_ element: Element) -> UInt32 {
    guard let place = free.popLast() else {
      places.append(element)
      return UInt32(places.count - 1)
    }
    places[Int(place)] = element
    return place
  }

  /// Takes a place, and leaves in it what stands where nothing is.
  mutating func insertVacant() -> UInt32 { insert(vacant) }

  /// Empties a place.
  mutating func remove(_ place: UInt32) {
    places[Int(place)] = vacant
    free.append(place)
    guard free.count == places.count, places.count > Self.kept else { return }
    places = []
    free = []
  }
}

/// Values by their keys that are changed where they are: a dictionary moves such a value out and in again.
///
/// What was changed last is found without a search: it is mostly what is changed next.
struct KeyedSlab<Key: Hashable, Value> {
  private var places: [Key: UInt32] = [:]
  private var values: Slab<Value>
  private var latest: (key: Key, place: UInt32)?

  /// - Parameter fresh: What a new key starts with.
  init(fresh: Value) {
    values = Slab(vacant: fresh)
  }

  /// How many there are.
  var count: Int { places.count }

  /// Every value, in no order.
  var all: some Sequence<Value> { places.values.lazy.map { [values] place in values[place] } }

  /// Whose values there are, in no order.
  var keys: [Key] { Array(places.keys) }

  /// The value of a key, if it has one.
  subscript(key: Key) -> Value? { place(of: key).map { values[$0] } }

  /// A number that no other key has while this one has a value.
  func place(of key: Key) -> UInt32? {
    if let latest, latest.key == key { return latest.place }
    return places[key]
  }

  /// Changes the value of a key, if it has one.
  mutating func update(_ key: Key, _ change: (inout Value) -> Void) {
    guard let place = place(of: key) else { return }
    latest = (key, place)
    values.update(place, change)
  }

  /// Changes the value of a key, which has one from then on.
  mutating func provide(_ key: Key, _ change: (inout Value) -> Void) {
    let place = place(of: key) ?? add(key)
    latest = (key, place)
    values.update(place, change)
  }

  private mutating func add(_ key: Key) -> UInt32 {
    let place = values.insertVacant()
    places[key] = place
    return place
  }

  /// Forgets the value of a key.
  mutating func remove(_ key: Key) {
    latest = nil
    if let place = places.removeValue(forKey: key) { values.remove(place) }
  }
}

extension Slab: Sendable where Element: Sendable {}
extension KeyedSlab: Sendable where Key: Sendable, Value: Sendable {}
