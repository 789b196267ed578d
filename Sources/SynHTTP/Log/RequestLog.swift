internal import HTTPTypes
internal import Hummingbird
internal import SynCore
internal import SynEdge
internal import SynProbe
internal import SynSystem

/// The outermost layer of every request: its number, its answer's fixed headers, its problem, its metrics and its line.
struct RequestLog: RouterMiddleware {
  typealias Context = ServiceContext

  private static let securityFields = SecurityHeaders.all.compactMap { name, value in
    HTTPField.Name(name).map { HTTPField(name: $0, value: value) }
  }

  let rules: CurrentRules
  let metrics: ServiceMetrics
  let log: ServiceLog
  let routes: RouteTable

  func handle(
    _ request: Request, context: ServiceContext, next: (Request, ServiceContext) async throws -> Response
  ) async throws -> Response {
    let began = SystemClock.now()
    metrics.began()
    let id = RequestLog.identifier(request.headers[RequestLog.identifierField])
    var response: Response
    var problem: Problem?
    do {
      response = try await next(request, context)
    } catch {
      let refusal = problemOf(error, request)
      problem = refusal
      metrics.refused(refusal)
      response = Response(refusal)
    }
    for field in RequestLog.securityFields where response.headers[field.name] == nil {
      response.headers[field.name] = field.value
    }
    response.headers[RequestLog.identifierField] = id
    if request.method == .head { response = response.createHeadResponse() }
    let duration = SystemClock.now().since(began)
    let notes = context.notes.all
    metrics.answered(
      route: notes.route, method: request.method, status: response.status.code, after: duration)
    if rules.now.configuration.logsRequests {
      write(request, context, notes, response.status.code, problem, id, duration)
    }
    return response
  }

  private func write(
    _ request: Request, _ context: ServiceContext, _ notes: RequestNotes.Contents, _ status: Int, _ problem: Problem?,
    _ id: String, _ duration: Duration
  ) {
    var line = log.begin("info", "request")
    line.add("request_id", id)
    line.add("client", context.connection?.client.map { "\($0)" })
    line.add("method", request.method.rawValue)
    line.add("path", String(request.uri.string.prefix { $0 != "?" }.prefix(256)))
    line.add("status", status)
    line.add("duration_ms", duration)
    line.add("target", notes.target.map { String($0.prefix(300)) })
    line.add("address", notes.address)
    line.add("decision", notes.decision)
    line.add("outcome", notes.outcome)
    line.add("problem", problem?.kind.rawValue)
    line.add("detail", problem?.detail)
    log.write(line)
  }

  private func problemOf(_ error: any Error, _ request: Request) -> Problem {
    switch error {
    case let problem as Problem: return problem
    case let error as HTTPError where error.status == .notFound:
      let methods = routes.methods(of: request.uri.path)
      return methods.isEmpty
        ? Problem(
          .notFound,
          "there is nothing under '\(String(request.uri.path.prefix(200)).escaped)'; /openapi.json lists what there is")
        : Problem(
          .methodNotAllowed, "\(request.method.rawValue.escaped) is not among the methods of this path", allow: methods)
    default:
      log.say("error", "internal", ("message", "\(error)"))
      return Problem(.internal, "the service failed on this request; its log says more")
    }
  }

  // MARK: Request numbers

  private static let identifierField = HTTPField.Name("X-Request-Id") ?? .expect
  private static let letters = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.".utf8)

  /// The client's own number where it is a plain one, else a new one.
  private static func identifier(_ given: String?) -> String {
    if let given, (1...64).contains(given.utf8.count), given.utf8.allSatisfy(RequestLog.letters.contains) {
      return given
    }
    let digits = String(UInt64.random(in: .min ... .max), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

extension Response {
  /// The answer that a problem is.
  init(_ problem: Problem) {
    var headers = HTTPFields()
    for (name, value) in problem.headers { headers.set(name, value) }
    self.init(
      status: problem.kind.status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: problem.body)))
  }

  /// A text of a media type.
  init(_ text: String, type: String) {
    self.init(status: .ok, headers: [.contentType: type], body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
  }

  /// Metrics, in the format that the request asks for.
  init(exposing families: [MetricFamily], to request: Request) {
    let exposition = Exposition(accept: request.headers[.accept])
    self.init(exposition.write(families), type: exposition.contentType)
  }
}

extension HTTPFields {
  /// Sets a field by a name that the program knows to be one.
  fileprivate mutating func set(_ name: String, _ value: String) {
    if let name = HTTPField.Name(name) { self[name] = value }
  }
}
