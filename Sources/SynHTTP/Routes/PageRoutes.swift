internal import HTTPTypes
internal import Hummingbird
internal import SynEdge

/// `GET /`: the page, and the files that it is made of; they are in the program.
enum PageRoutes {
  private static let files: [(name: String, type: String, bytes: @Sendable () -> [UInt8])] = [
    ("page.css", "text/css; charset=utf-8", { PackageResources.page_css }),
    ("app.js", "text/javascript; charset=utf-8", { PackageResources.app_js }),
    ("api.js", "text/javascript; charset=utf-8", { PackageResources.api_js }),
    ("charts.js", "text/javascript; charset=utf-8", { PackageResources.charts_js }),
    ("format.js", "text/javascript; charset=utf-8", { PackageResources.format_js }),
    ("monitors.js", "text/javascript; charset=utf-8", { PackageResources.monitors_js }),
  ]

  /// The page holds no secret: who may not ask for more is asked for a token by it.
  static let routes: [Route] =
    [route("/", "page", "text/html; charset=utf-8", "A page that shows each probe.") { PackageResources.index_html }]
    + files.map {
      route("/page/\($0.name)", "page_\($0.name.prefix { $0 != "." })", $0.type, "A part of the page.", $0.bytes)
    }

  private static func route(
    _ path: String, _ operation: String, _ type: String, _ summary: String, _ bytes: @escaping @Sendable () -> [UInt8]
  ) -> Route {
    let media = String(type.prefix { $0 != ";" })
    return Route(
      path: path, access: .anyone, operation: operation, summary: summary,
      answers: [Route.Answer(type: media, schema: ["type": "string"], text: summary)]
    ) { _, _ in
      var response = Response(
        status: .ok, headers: [.contentType: type], body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes())))
      for (name, value) in SecurityHeaders.ofPage {
        if let name = HTTPField.Name(name) { response.headers[name] = value }
      }
      return response
    }
  }
}
