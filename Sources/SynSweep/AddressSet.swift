public import SynWire

/// A set of addresses as spans that neither touch nor overlap: IPv4 first, each family in its order.
public struct AddressSet: Hashable, Sendable {
  /// The spans.
  public let spans: [AddressSpan]

  /// All addresses of some spans, each once.
  public init(_ spans: some Sequence<AddressSpan>) {
    var joined: [AddressSpan] = []
    for span in spans.sorted(by: AddressSet.isBefore) {
      if let last = joined.last, last.family == span.family, last.last == .max || span.first <= last.last + 1 {
        joined[joined.count - 1] = AddressSpan(last.family, last.first, max(last.last, span.last))
      } else {
        joined.append(span)
      }
    }
    self.spans = joined
  }

  /// How many addresses, or the most that can be said.
  public var count: UInt128 {
    spans.reduce(UInt128(0)) { sum, span in
      let (count, overflow) = sum.addingReportingOverflow(span.count)
      return overflow ? .max : count
    }
  }

  /// Whether an address is in it; its zone does not count.
  /// - Complexity: O(log n).
  public func contains(_ address: IPAddress) -> Bool {
    guard let span = spanBefore(address) else { return false }
    return address.bits <= span.last
  }

  /// The last span that begins at the address or before it, in its family.
  private func spanBefore(_ address: IPAddress) -> AddressSpan? {
    let key = AddressSpan(address.family, address.bits, address.bits)
    var low = 0
    var high = spans.count
    while low < high {
      let middle = (low + high) / 2
      if AddressSet.begins(spans[middle], after: key) { high = middle } else { low = middle + 1 }
    }
    guard low > 0, spans[low - 1].family == address.family else { return nil }
    return spans[low - 1]
  }

  /// What is in this set and not in the other.
  public func subtracting(_ other: AddressSet) -> AddressSet {
    var rest: [AddressSpan] = []
    for span in spans {
      var from: UInt128? = span.first
      for hole in other.spans where hole.family == span.family && hole.first <= span.last {
        guard let first = from, hole.last >= first else { continue }
        if hole.first > first { rest.append(AddressSpan(span.family, first, hole.first - 1)) }
        from = hole.last < span.last ? hole.last + 1 : nil
      }
      if let from { rest.append(AddressSpan(span.family, from, span.last)) }
    }
    return AddressSet(rest)
  }

  private static func isBefore(_ one: AddressSpan, _ other: AddressSpan) -> Bool {
    begins(other, after: one) || one.family == other.family && one.first == other.first && one.last < other.last
  }

  private static func begins(_ one: AddressSpan, after other: AddressSpan) -> Bool {
    one.family == other.family ? one.first > other.first : one.family == .v6
  }
}
