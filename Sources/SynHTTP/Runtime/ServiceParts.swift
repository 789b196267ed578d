internal import SynCore
internal import SynEdge
internal import SynProbe
internal import SynSystem
internal import SynWire

/// The parts of a service, which are made once and put together; each is handed what it needs of the others.
struct ServiceParts: Sendable {
  let rules: CurrentRules
  let version: String
  let log: ServiceLog
  let probers: Probers
  let certificates: Certificates?
  let surroundings: HostSurroundings
  let leases: Leases
  let connections = ConnectionCounter()
  let clients = ClientLimits()
  let lookups = NameLookups()
  let metrics = ServiceMetrics()

  init(_ rules: ServiceRules, certificates: Certificates?, probers: Probers, log: ServiceLog, version: String) {
    let rules = CurrentRules(rules)
    self.rules = rules
    self.certificates = certificates
    self.probers = probers
    self.log = log
    self.version = version
    leases = Leases(rules: rules)
    surroundings = HostSurroundings(listen: rules.now.configuration.listen, at: SystemClock.now())
  }

  /// Whether clients speak TLS.
  var isSecure: Bool { certificates != nil }

  /// What stands before the routes.
  var edge: Edge {
    Edge(
      isSecure: isSecure, connections: connections, limits: { [rules] in rules.now.limits },
      hosts: { [rules] in rules.now.hosts }, postOnly: RouteTable(self).postOnly
    ) { [log, metrics] problem, client in
      log.refused(problem, client: client)
      metrics.refused(problem)
    }
  }

  var admission: Admission {
    Admission(isSecure: isSecure, clients: clients) { [rules] in
      let rules = rules.now
      return (rules.limits, rules.tokens)
    }
  }

  var targets: TargetAdmission {
    TargetAdmission(rules: rules, surroundings: surroundings, lookups: lookups, clients: clients)
  }

  var reload: Reload { Reload(rules: rules, certificates: certificates, metrics: metrics, log: log) }
}
