/// A value that a result can hold.
package protocol ReportValue: JSONWritable, Sendable {
  /// What such a value may be, where its member says no more.
  static var form: ReportForm { get }
  /// The bare value at a path below this one; nil where there is none.
  func text(at path: ArraySlice<String>) -> String?
  /// Reads what `write` wrote.
  /// - Throws: `DecodingError`.
  init(reading decoder: any Decoder) throws
}

/// A value without parts, which Codable can read.
package protocol ReportLeaf: ReportValue, Decodable {
  /// Without quotation marks.
  var bareText: String { get }
}

extension ReportLeaf {
  package func write(into json: inout JSONWriter) { json.append(bareText) }
  package func text(at path: ArraySlice<String>) -> String? { path.isEmpty && isWritable ? bareText : nil }
  package init(reading decoder: any Decoder) throws { self = try decoder.singleValueContainer().decode(Self.self) }
}

extension String: ReportLeaf {
  package static var form: ReportForm { .text }
  package var bareText: String { self }
  package func write(into json: inout JSONWriter) { json.append(quoted: self) }
}

extension Bool: ReportLeaf {
  package static var form: ReportForm { .flag }
  package var bareText: String { self ? "true" : "false" }
}

extension Int: ReportLeaf {
  package static var form: ReportForm { .count }
  package var bareText: String { String(self) }
}

extension UInt64: ReportLeaf {
  package static var form: ReportForm { .count }
  package var bareText: String { String(self) }
}

extension Double: ReportLeaf {
  package static var form: ReportForm { .milliseconds }
  package var isWritable: Bool { isFinite }
  package var bareText: String {
    let isWhole = self == rounded(.towardZero) && abs(self) < 0x1p53
    return isWhole ? String(Int64(self)) : description
  }
}

/// A word of a list.
extension ReportLeaf where Self: RawRepresentable & CaseIterable, RawValue == String {
  package static var form: ReportForm { .oneOf(allCases.map(\.rawValue)) }
  package var bareText: String { rawValue }
  package func write(into json: inout JSONWriter) { json.append(quoted: rawValue) }
}

extension Array: JSONWritable where Element: JSONWritable {
  package func write(into json: inout JSONWriter) {
    json.array { json in for element in self { json.element(element) } }
  }
}

extension Array: ReportValue where Element: ReportValue {
  package static var form: ReportForm { .list(Element.form, atLeast: 0) }

  package func text(at path: ArraySlice<String>) -> String? {
    guard let index = path.first.flatMap(FieldPath.index), indices.contains(index) else { return nil }
    return self[index].text(at: path.dropFirst())
  }

  package init(reading decoder: any Decoder) throws {
    self = try decoder.singleValueContainer().decode([Read<Element>].self).map(\.value)
  }
}

extension ClosedRange<Double>: JSONWritable {
  package var isWritable: Bool { lowerBound.isFinite && upperBound.isFinite }
  package func write(into json: inout JSONWriter) { [lowerBound, upperBound].write(into: &json) }
}

extension ClosedRange<Double>: ReportValue {
  package static var form: ReportForm { .range(.number) }
  package func text(at path: ArraySlice<String>) -> String? {
    isWritable ? [lowerBound, upperBound].text(at: path) : nil
  }
  package init(reading decoder: any Decoder) throws { self = try decoder.singleValueContainer().decode(Self.self) }
}
