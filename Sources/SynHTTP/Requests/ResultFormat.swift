internal import Hummingbird
internal import SynCore
internal import SynEdge
internal import SynProbe

/// How a result is written into the answer.
enum ResultFormat {
  case json
  /// One bare value of the result.
  case value(FieldPath)

  /// The parameters that say so.
  static let parameters = ["format", "field"]

  /// Takes `format` and `field` from a query for results of a kind.
  init<Report: ReportObject>(_ query: inout RequestParameters, _ kind: Report.Type, example: String) throws(Problem) {
    let format = query.take("format")
    switch (format ?? "json", query.take("field")) {
    case ("json", nil): self = .json
    case ("json", _?): throw Problem.bad("field", "'field' goes with format=value")
    case ("value", let field?):
      do throws(FieldPath.ParseError) { self = .value(try FieldPath(field, in: kind, example: example)) } catch {
        throw Problem.bad("field", "\(error)")
      }
    case ("value", nil): throw Problem.bad("field", "the parameter 'field' is missing: field=\(example)")
    case (let format, _): throw Problem.bad("format", "'\(format.escaped)' is none of json, value")
    }
  }

  /// The answer with a result.
  /// - Parameters:
  ///   - report: The result.
  ///   - without: What it is instead of having the value that was asked for.
  /// - Returns: The whole as JSON, or the value as a line of text.
  /// - Throws: `Problem` for a value that is not there: nothing is invented for it.
  func answer(_ report: some ReportObject, without: @autoclosure () -> String) throws(Problem) -> Response {
    guard case .value(let field) = self else { return Response(report.jsonText, type: "application/json") }
    guard let found = field.value(in: report) else {
      throw Problem(.noValue, "the result has no \(field): \(without())", parameter: "field")
    }
    return Response(found + "\n", type: "text/plain; charset=utf-8")
  }
}
