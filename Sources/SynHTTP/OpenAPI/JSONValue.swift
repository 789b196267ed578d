internal import SynProbe

/// A JSON value that the program writes itself, its members in the order in which they stand.
enum JSONValue: Sendable, Equatable {
  case string(String)
  case number(Double)
  case flag(Bool)
  case array([JSONValue])
  case object([Member])

  struct Member: Sendable, Equatable {
    let name: String
    let value: JSONValue
  }

}

extension JSONValue: JSONWritable {
  func write(into json: inout JSONWriter) {
    switch self {
    case .string(let string): string.write(into: &json)
    case .number(let number): number.write(into: &json)
    case .flag(let flag): flag.write(into: &json)
    case .array(let elements): json.array { json in for element in elements { json.element(element) } }
    case .object(let members): json.object { for member in members { $0.member(named: member.name, member.value) } }
    }
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
  init(stringLiteral value: String) { self = .string(value) }
  init(integerLiteral value: Int) { self = .number(Double(value)) }
  init(booleanLiteral value: Bool) { self = .flag(value) }
}

extension JSONValue: ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
  init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(elements.map { Member(name: $0.0, value: $0.1) })
  }
}
