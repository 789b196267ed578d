internal import Hummingbird
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

  /// The answer with a result.
  /// - Parameters:
  ///   - json: The whole of it.
  ///   - value: One value of it; nil where it has none.
  ///   - without: What the result is instead of having that value.
  /// - Returns: The whole as JSON, or the value as a line of text.
  /// - Throws: `Problem` for a value that is not there: nothing is invented for it.
  func answer(
    json: @autoclosure () -> String, value: (FieldPath) throws(JSONText.Failure) -> String?,
    without: @autoclosure () -> String
  ) throws(Problem) -> Response {
    guard case .value(let field) = self else { return Response(json(), type: "application/json") }
    let found: String?
    do throws(JSONText.Failure) { found = try value(field) } catch { throw Problem(.internal, "\(error)") }
    guard let found else {
      throw Problem(.noValue, "the result has no \(field): \(without())", parameter: "field")
    }
    return Response(found + "\n", type: "text/plain; charset=utf-8")
  }
}
