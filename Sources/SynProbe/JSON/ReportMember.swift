/// An object in a result, whose members are listed once: for the text, for paths into it, for reading it back, and for
/// its schema.
package protocol ReportObject: ReportValue {
  /// The members in the order of the documentation.
  static var members: [ReportMember<Self>] { get }
  /// What reading it back begins with; every member that must be there is then set.
  static var blank: Self { get }
  /// The name that its schema has in a document; nil for one that stands where it is used.
  static var schemaName: String? { get }
}

/// A member of an object: its name, where it is kept, and what it may hold.
package struct ReportMember<Object: Sendable>: Sendable {
  let name: String
  private let isRequired: Bool
  /// Made when it is asked for: a run of the program seldom needs it.
  private let form: @Sendable () -> ReportForm
  let write: @Sendable (Object, inout JSONWriter) -> Void
  let text: @Sendable (Object, ArraySlice<String>) -> String?
  let read: @Sendable (inout Object, KeyedDecodingContainer<ReportKey>) throws -> Void

  /// A member that is always there.
  package init<Value: ReportValue>(
    _ name: StaticString, _ value: any WritableKeyPath<Object, Value> & Sendable,
    _ form: @autoclosure @escaping @Sendable () -> ReportForm = Value.form
  ) {
    let key = ReportKey(name)
    self.name = key.stringValue
    isRequired = true
    self.form = form
    write = { $1.member(name, $0[keyPath: value]) }
    text = { $0[keyPath: value].text(at: $1) }
    read = { $0[keyPath: value] = try $1.decode(Read<Value>.self, forKey: key).value }
  }

  /// A member that is left out where it is nil.
  package init<Value: ReportValue>(
    _ name: StaticString, _ value: any WritableKeyPath<Object, Value?> & Sendable,
    _ form: @autoclosure @escaping @Sendable () -> ReportForm = Value.form
  ) {
    let key = ReportKey(name)
    self.name = key.stringValue
    isRequired = false
    self.form = form
    write = { if let value = $0[keyPath: value] { $1.member(name, value) } }
    text = { $0[keyPath: value]?.text(at: $1) }
    read = { $0[keyPath: value] = try $1.decodeIfPresent(Read<Value>.self, forKey: key)?.value }
  }

  /// What a schema says of it.
  package var field: ReportField { ReportField(name: name, isRequired: isRequired, form: form()) }
}

extension ReportObject {
  package static var schemaName: String? { nil }
  package static var form: ReportForm { .object(schemaName, members.map(\.field)) }

  package func write(into json: inout JSONWriter) {
    json.object { for member in Self.members { member.write(self, &$0) } }
  }

  package func text(at path: ArraySlice<String>) -> String? {
    guard let name = path.first else { return nil }
    return Self.members.first { $0.name == name }?.text(self, path.dropFirst())
  }

  package init(reading decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: ReportKey.self)
    self = Self.blank
    for member in Self.members { try member.read(&self, container) }
  }
}

/// The name of a member.
package struct ReportKey: CodingKey {
  package let stringValue: String
  package var intValue: Int? { nil }

  init(_ name: StaticString) { stringValue = name.withUTF8Buffer { String(decoding: $0, as: UTF8.self) } }
  package init(stringValue: String) { self.stringValue = stringValue }
  package init?(intValue: Int) { nil }
}

/// A value of a result as Codable takes it.
struct Read<Value: ReportValue>: Decodable {
  let value: Value

  init(from decoder: any Decoder) throws { value = try Value(reading: decoder) }
}
