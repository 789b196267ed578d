internal import HTTPTypes
package import Hummingbird
internal import SynSystem

/// Who may ask for what: decided before a route does anything.
package struct Admission: Sendable {
  /// What a route is open to.
  package enum Access: Sendable {
    /// Anyone: it says no more than that the service is there.
    case anyone
    /// Whoever has a token, where there are tokens.
    case reader
    /// The same, and no page of a foreign origin: packets are sent.
    case prober
  }

  /// Whether clients speak TLS.
  package let isSecure: Bool
  package let clients: ClientLimits
  /// What holds for a request that begins now.
  package let rules: @Sendable () -> (limits: ServiceLimits, tokens: TokenList?)

  /// Joins the fields.
  package init(
    isSecure: Bool, clients: ClientLimits,
    rules: @escaping @Sendable () -> (limits: ServiceLimits, tokens: TokenList?)
  ) {
    self.isSecure = isSecure
    self.clients = clients
    self.rules = rules
  }

  /// - Throws: `Problem` for a request that is not let in.
  package func check(_ request: Request, _ context: ServiceContext, _ access: Access) throws(Problem) {
    if access == .anyone { return }
    let rules = rules()
    try checkRate(context, rules.limits)
    try checkToken(request, rules.tokens)
    if access == .prober { try checkOrigin(request) }
  }

  private func checkRate(_ context: ServiceContext, _ limits: ServiceLimits) throws(Problem) {
    guard let client = context.connection?.client else { return }
    do throws(ClientLimits.Refusal) {
      try clients.request(from: client, limits, at: SystemClock.now())
    } catch {
      throw Problem(.rateLimited, "this client has asked for \(error.reason)", retryAfter: error.retryAfter)
    }
  }

  /// RFC 6750 section 2.1: one answer for a token that is missing and for one that is wrong.
  private func checkToken(_ request: Request, _ tokens: TokenList?) throws(Problem) {
    guard let tokens else { return }
    let scheme = "bearer "
    let fields = request.headers[values: .authorization]
    guard fields.count == 1, let field = fields.first, field.lowercased().hasPrefix(scheme),
      tokens.contains(String(field.dropFirst(scheme.count)))
    else { throw Problem(.unauthorized, "a token of this service is needed: send 'Authorization: Bearer TOKEN'") }
  }

  /// A page may make its browser send a GET anywhere: only this service's own pages, and people, may make it probe.
  private func checkOrigin(_ request: Request) throws(Problem) {
    let own = (isSecure ? "https://" : "http://") + (request.head.authority ?? "").lowercased()
    if let origin = request.headers[.origin], origin.lowercased() != own {
      throw Problem(.foreignOrigin, "the request comes from a page of another origin")
    }
    if let site = request.headers[Admission.fetchSite], !["same-origin", "none"].contains(site.lowercased()) {
      throw Problem(.foreignOrigin, "the request comes from a page of another site")
    }
    if let referer = request.headers[.referer]?.lowercased(), referer != own, !referer.hasPrefix(own + "/") {
      throw Problem(.foreignOrigin, "the request was sent by a page of another origin")
    }
  }

  private static let fetchSite = HTTPField.Name("Sec-Fetch-Site") ?? .origin
}
