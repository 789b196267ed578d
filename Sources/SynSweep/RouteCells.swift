public import SynWire

/// The address space in cells whose addresses no route and no rule of the kernel's tells apart: each has one way.
public struct RouteCells: Hashable, Sendable {
  /// The first address of each cell but the first.
  private let v4: [UInt128]
  private let v6: [UInt128]

  /// The cells between the ends of the prefixes that routes and rules name.
  public init(_ prefixes: some Sequence<AddressPrefix>) {
    var edges: [IPAddress.Family: Set<UInt128>] = [:]
    for prefix in prefixes {
      let span = AddressSpan(prefix)
      edges[span.family, default: []].insert(span.first)
      if span.last < .max { edges[span.family, default: []].insert(span.last + 1) }
    }
    v4 = edges[.v4, default: []].sorted()
    v6 = edges[.v6, default: []].sorted()
  }

  /// The number of an address's cell.
  /// - Complexity: O(log n).
  public func cell(of address: IPAddress) -> Int {
    let edges = address.family == .v4 ? v4 : v6
    var low = 0
    var high = edges.count
    while low < high {
      let middle = (low + high) / 2
      if edges[middle] <= address.bits { low = middle + 1 } else { high = middle }
    }
    return address.family == .v4 ? low : v4.count + 1 + low
  }
}
