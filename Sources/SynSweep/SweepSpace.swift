public import SynWire

/// All that a sweep asks: addresses times ports, numbered from 0; the ports of one address in a row.
public struct SweepSpace: Hashable, Sendable {
  /// More are refused: at a million a second they take nine years.
  public static let most: UInt64 = 1 << 48

  /// The addresses.
  public let addresses: AddressSet
  /// The ports, in their order, each once.
  public let ports: [UInt16]
  /// How many endpoints.
  public let count: UInt64
  /// How many addresses lie before each span.
  private let before: [UInt64]

  /// The space of some addresses and ports; nil where it is larger than `most`.
  public init?(_ addresses: AddressSet, ports: [UInt16]) {
    var known: Set<UInt16> = []
    let ports = ports.filter { known.insert($0).inserted }
    guard addresses.count <= UInt128(SweepSpace.most),
      addresses.count * UInt128(max(ports.count, 1)) <= UInt128(SweepSpace.most)
    else { return nil }
    var before: [UInt64] = []
    var sum: UInt64 = 0
    for span in addresses.spans {
      before.append(sum)
      sum += UInt64(span.count)
    }
    self.addresses = addresses
    self.ports = ports
    self.before = before
    count = sum * UInt64(ports.count)
  }

  /// The endpoint of a number below `count`.
  /// - Complexity: O(log n) in the number of spans.
  public func endpoint(_ number: UInt64) -> Endpoint {
    let (place, port) = number.quotientAndRemainder(dividingBy: UInt64(ports.count))
    var low = 0
    var high = before.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if before[middle] <= place { low = middle } else { high = middle }
    }
    let address = addresses.spans[low].address(UInt128(place - before[low]))
    return Endpoint(address: address, port: ports[Int(port)])
  }
}
