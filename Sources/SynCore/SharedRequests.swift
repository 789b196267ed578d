internal import SynWire

/// What probes of a series are asked alike, one after the other: kept once, whatever number of them waits.
struct SharedRequests {
  private struct Entry {
    var request: ProbeRequest
    var uses: Int
  }

  private var entries = Slab(
    vacant: Entry(
      request: ProbeRequest(
        series: SeriesID(0), sequence: 0, target: Endpoint(address: IPAddress(v4: 0), port: 0), timeout: .zero),
      uses: 0))
  /// What the newest probe of each series was asked.
  private var newest: [SeriesID: UInt32] = [:]
  /// Of how many entries each endpoint is the target, as headers have it.
  private var targets = KeyedSlab<Endpoint, Int>(fresh: 0)

  /// What is at a place that `take` gave: its number, hop limit and repeats are not told.
  subscript(place: UInt32) -> ProbeRequest { entries[place].request }

  /// A number that stands for a target, as headers have it, while there is an entry for it.
  func number(of target: Endpoint) -> UInt32? { targets.place(of: target) }

  /// Where what is common to `request` and the probes before it is kept, until `release` is called as often.
  mutating func take(_ request: ProbeRequest) -> UInt32 {
    var common = request
    common.sequence = 0
    common.hopLimit = nil
    common.repeats = 0
    if let place = newest[common.series], entries[place].request == common {
      entries.update(place) { $0.uses += 1 }
      return place
    }
    let place = entries.insert(Entry(request: common, uses: 1))
    targets.provide(common.target.unzoned) { $0 += 1 }
    newest[common.series] = place
    return place
  }

  /// One probe less is about what is at `place`.
  mutating func release(_ place: UInt32) {
    entries.update(place) { $0.uses -= 1 }
    guard entries[place].uses == 0 else { return }
    let request = entries[place].request
    if newest[request.series] == place { newest[request.series] = nil }
    entries.remove(place)
    var isLast = false
    targets.update(request.target.unzoned) { entries in
      entries -= 1
      isLast = entries == 0
    }
    if isLast { targets.remove(request.target.unzoned) }
  }
}
