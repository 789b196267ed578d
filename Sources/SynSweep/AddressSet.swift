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

  /// Whether all of a span is in it.
  /// - Complexity: O(log n).
  public func covers(_ span: AddressSpan) -> Bool {
    spanBefore(span.firstAddress).map { span.last <= $0.last } ?? false
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
  /// - Complexity: O(n + m).
  public func subtracting(_ other: AddressSet) -> AddressSet {
    var rest: [AddressSpan] = []
    var hole = 0
    for span in spans {
      var from: UInt128? = span.first
      // Those that end before this span end before all that follow.
      while hole < other.spans.count, AddressSet.ends(other.spans[hole], before: span) { hole += 1 }
      var next = hole
      while let first = from, next < other.spans.count, AddressSet.overlaps(other.spans[next], span) {
        let cut = other.spans[next]
        if cut.first > first { rest.append(AddressSpan(span.family, first, cut.first - 1)) }
        from = cut.last < span.last ? cut.last + 1 : nil
        next += 1
      }
      if let from { rest.append(AddressSpan(span.family, from, span.last)) }
    }
    return AddressSet(rest)
  }

  private static func ends(_ one: AddressSpan, before other: AddressSpan) -> Bool {
    one.family == other.family ? one.last < other.first : one.family == .v4
  }

  private static func overlaps(_ one: AddressSpan, _ other: AddressSpan) -> Bool {
    one.family == other.family && one.first <= other.last && one.last >= other.first
  }

  private static func isBefore(_ one: AddressSpan, _ other: AddressSpan) -> Bool {
    begins(other, after: one) || one.family == other.family && one.first == other.first && one.last < other.last
  }

  private static func begins(_ one: AddressSpan, after other: AddressSpan) -> Bool {
    one.family == other.family ? one.first > other.first : one.family == .v6
  }
}

extension AddressSet {
  /// The spans, cut where one of the prefixes begins or ends: each is in a prefix as a whole, or not at all.
  /// - Complexity: O(n · m).
  public func cut(at prefixes: [AddressPrefix]) -> [AddressSpan] {
    var pieces = spans
    for prefix in Set(prefixes) {
      let cut = AddressSpan(prefix)
      pieces = pieces.flatMap { piece in
        guard AddressSet.overlaps(piece, cut) else { return [piece] }
        var parts: [AddressSpan] = []
        if piece.first < cut.first { parts.append(AddressSpan(piece.family, piece.first, cut.first - 1)) }
        parts.append(AddressSpan(piece.family, max(piece.first, cut.first), min(piece.last, cut.last)))
        if piece.last > cut.last { parts.append(AddressSpan(piece.family, cut.last + 1, piece.last)) }
        return parts
      }
    }
    return pieces
  }
}
