/// JSON text as it grows, one member after the other.
package struct JSONWriter {
  package private(set) var bytes: [UInt8] = []

  package init() { bytes.reserveCapacity(2048) }

  /// The text so far.
  package var text: String { String(decoding: bytes, as: UTF8.self) }

  // MARK: Containers

  package mutating func object(_ body: (inout JSONWriter) -> Void) {
    begin()
    bytes.append(UInt8(ascii: "{"))
    body(&self)
    bytes.append(UInt8(ascii: "}"))
  }

  package mutating func object(_ key: StaticString, _ body: (inout JSONWriter) -> Void) {
    write(key)
    object(body)
  }

  package mutating func array<Element>(
    _ key: StaticString, _ elements: [Element]?, _ body: (inout JSONWriter, Element) -> Void
  ) {
    guard let elements else { return }
    write(key)
    bytes.append(UInt8(ascii: "["))
    for element in elements { body(&self, element) }
    bytes.append(UInt8(ascii: "]"))
  }

  // MARK: Members; those that are absent are left out

  package mutating func member(_ key: StaticString, _ text: String?) {
    guard let text else { return }
    write(key)
    write(text)
  }

  package mutating func member(_ key: StaticString, _ number: (some FixedWidthInteger)?) {
    guard let number else { return }
    write(key)
    bytes.append(contentsOf: String(number).utf8)
  }

  /// A number that is not finite is left out: JSON has none.
  package mutating func member(_ key: StaticString, _ number: Double?) {
    guard let number, number.isFinite else { return }
    write(key)
    bytes.append(contentsOf: JSONWriter.text(number).utf8)
  }

  /// A range as the array of its ends.
  package mutating func range(_ key: StaticString, _ range: ClosedRange<Double>?) {
    guard let range, range.lowerBound.isFinite, range.upperBound.isFinite else { return }
    write(key)
    bytes.append(contentsOf: "[\(JSONWriter.text(range.lowerBound)),\(JSONWriter.text(range.upperBound))]".utf8)
  }

  // MARK: Text

  private static func text(_ number: Double) -> String {
    let isWhole = number == number.rounded(.towardZero) && abs(number) < 0x1p53
    return isWhole ? String(Int64(number)) : number.description
  }

  /// Between two members, and between two elements, stands a comma.
  private mutating func begin() {
    switch bytes.last {
    case nil, UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: ":"): break
    default: bytes.append(UInt8(ascii: ","))
    }
  }

  private mutating func write(_ key: StaticString) {
    begin()
    bytes.append(UInt8(ascii: "\""))
    key.withUTF8Buffer { bytes.append(contentsOf: $0) }
    bytes.append(UInt8(ascii: "\""))
    bytes.append(UInt8(ascii: ":"))
  }

  private mutating func write(_ text: String) { JSONText.quote(text, into: &bytes) }
}
