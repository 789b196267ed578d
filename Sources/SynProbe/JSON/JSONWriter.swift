/// A value that has a text in JSON.
package protocol JSONWritable {
  /// False for what JSON has no word for: the member is left out.
  var isWritable: Bool { get }
  /// Appends it to a text.
  func write(into json: inout JSONWriter)
}

extension JSONWritable {
  package var isWritable: Bool { true }

  /// The text on one line.
  package var jsonText: String {
    var writer = JSONWriter()
    writer.element(self)
    return writer.text
  }
}

/// Values by name, in the order of the names.
extension Dictionary: JSONWritable where Key == String, Value: JSONWritable {
  package func write(into json: inout JSONWriter) {
    json.object { json in
      for (name, value) in sorted(by: { $0.key < $1.key }) where value.isWritable { json.member(named: name, value) }
    }
  }
}

/// JSON text as it grows, one member after the other; the only place that writes JSON.
package struct JSONWriter {
  package private(set) var bytes: [UInt8] = []

  package init() { bytes.reserveCapacity(2048) }

  /// Goes on behind the lines that `bytes` ends with.
  package init(behind bytes: consuming [UInt8]) { self.bytes = bytes }

  /// The text so far.
  package var text: String { String(decoding: bytes, as: UTF8.self) }

  // MARK: Containers

  package mutating func object(_ body: (inout JSONWriter) -> Void) {
    beginObject()
    body(&self)
    endObject()
  }

  package mutating func beginObject() { bytes.append(UInt8(ascii: "{")) }
  package mutating func endObject() { bytes.append(UInt8(ascii: "}")) }

  package mutating func array(_ body: (inout JSONWriter) -> Void) {
    bytes.append(UInt8(ascii: "["))
    body(&self)
    bytes.append(UInt8(ascii: "]"))
  }

  // MARK: What stands in them

  /// An element of an array, or the whole text.
  package mutating func element(_ value: some JSONWritable) {
    separate()
    value.write(into: &self)
  }

  /// A member of an object, unless JSON has no word for its value.
  package mutating func member(_ name: StaticString, _ value: some JSONWritable) {
    guard value.isWritable else { return }
    separate()
    bytes.append(UInt8(ascii: "\""))
    name.withUTF8Buffer { bytes.append(contentsOf: $0) }
    bytes.append(UInt8(ascii: "\""))
    bytes.append(UInt8(ascii: ":"))
    value.write(into: &self)
  }

  /// A member that is left out where it is nil.
  package mutating func member(_ name: StaticString, _ value: (some JSONWritable)?) {
    if let value { member(name, value) }
  }

  /// A member whose name is known at run time only.
  package mutating func member(named name: String, _ value: some JSONWritable) {
    separate()
    append(quoted: name)
    bytes.append(UInt8(ascii: ":"))
    value.write(into: &self)
  }

  // MARK: Text

  /// A text with its quotation marks (RFC 8259 section 7).
  ///
  /// By octets: a quotation mark with an accent on it is another character, and still ends the string.
  mutating func append(quoted text: String) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(byte)
      case 0x00..<0x20: bytes.append(contentsOf: "\\u00\(byte < 0x10 ? "0" : "")\(String(byte, radix: 16))".utf8)
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  /// A text that is JSON already, as that of a number.
  mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

  /// Between two members, and between two elements, stands a comma.
  private mutating func separate() {
    switch bytes.last {
    case nil, UInt8(ascii: "\n"), UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: ":"): break
    default: bytes.append(UInt8(ascii: ","))
    }
  }
}
