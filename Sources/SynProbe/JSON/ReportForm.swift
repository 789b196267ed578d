/// What a member of a result may hold, as a schema says it.
package indirect enum ReportForm: Sendable, Hashable {
  /// Not empty.
  case text
  /// RFC 3339.
  case date
  /// Not negative.
  case milliseconds
  /// 0 to 1.
  case share
  case number
  case flag
  case integer(atLeast: Int, atMost: Int?)
  case oneOf([String])
  case list(ReportForm, atLeast: Int)
  /// Two numbers, the lower one first.
  case range(ReportForm)
  /// An object of which nothing else is a member; one that has a name is described once in a document.
  case object(String?, [ReportField])

  /// How often something happened.
  package static let count = ReportForm.integer(atLeast: 0, atMost: nil)

  /// Whether a bare value can stand at a path below this form, whatever place it names in an array.
  func hasValue(at path: ArraySlice<String>) -> Bool {
    switch self {
    case .text, .date, .milliseconds, .share, .number, .flag, .integer, .oneOf: return path.isEmpty
    case .list(let element, _):
      return path.first.flatMap(FieldPath.index) != nil && element.hasValue(at: path.dropFirst())
    case .range(let element):
      return path.first.flatMap(FieldPath.index).map { $0 < 2 } == true && element.hasValue(at: path.dropFirst())
    case .object(_, let fields):
      return fields.contains { $0.name == path.first && $0.form.hasValue(at: path.dropFirst()) }
    }
  }
}

/// One member of an object in a result.
package struct ReportField: Sendable, Hashable {
  package let name: String
  /// Whether every such object has it.
  package let isRequired: Bool
  package let form: ReportForm

  /// Joins the fields.
  package init(name: String, isRequired: Bool, form: ReportForm) {
    self.name = name
    self.isRequired = isRequired
    self.form = form
  }
}
