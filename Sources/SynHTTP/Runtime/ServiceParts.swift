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
  let targets: TargetAdmission
  let connections = ConnectionCounter()
  let clients = ClientLimits()
  let lookups = NameLookups()
  let metrics = ServiceMetrics()
  let streams: SharedSeries
  let monitors: Monitors

  init(
    _ rules: ServiceRules, certificates: Certificates?, probers: Probers, log: ServiceLog, store: MonitorStore?,
    version: String
  ) {
    let rules = CurrentRules(rules)
    self.rules = rules
    self.certificates = certificates
    self.probers = probers
    self.log = log
    self.version = version
    leases = Leases(rules: rules)
    surroundings = HostSurroundings(listen: rules.now.configuration.listen, at: SystemClock.now())
    streams = SharedSeries(probers, leases)
    let targets = TargetAdmission(rules: rules, surroundings: surroundings, lookups: lookups, clients: clients)
    monitors = Monitors(probers, leases, targets, streams.counters, log, store: store)
    self.targets = targets
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

  var reload: Reload {
    Reload(rules: rules, certificates: certificates, monitors: monitors, metrics: metrics, log: log)
  }
}
