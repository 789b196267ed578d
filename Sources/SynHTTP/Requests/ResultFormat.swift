internal import SynCore
internal import SynProbe

/// How a result is written into the answer.
enum ResultFormat {
  case json
  /// One bare value of the result.
  case value(FieldPath)

  /// The parameters that say so.
  static let parameters = ["format", "field"]

  /// Takes `format` and `field` from a query.
  init(
    _ query: inout QueryString, example: String, _ path: (String) throws(FieldPath.ParseError) -> FieldPath
  ) throws(Problem) {
    let format = query.take("format")
    switch (format ?? "json", query.take("field")) {
    case ("json", nil): self = .json
    case ("json", _?): throw Problem.bad("field", "'field' goes with format=value")
    case ("value", let field?):
      do throws(FieldPath.ParseError) { self = .value(try path(field)) } catch {
        throw Problem.bad("field", "\(error)")
      }
    case ("value", nil): throw Problem.bad("field", "the parameter 'field' is missing: field=\(example)")
    case (let format, _): throw Problem.bad("format", "'\(format.escaped)' is none of json, value")
    }
  }
}
