internal import Glibc
internal import SynCore
internal import SynSystem
internal import SynWire

/// The sockets, captures, routes and source ports of a prober: sends what it is given, and finds what came.
///
/// It knows nothing of series, or of what a probe is for: a workload does.
struct Transport: ~Copyable {
  let options: ProberConfiguration
  /// In mode `connect`; the raw sockets, captures and ports are those of mode `syn`.
  var connector: Connector?
  var socketV4: RawSocket?
  var socketV6: RawSocket?
  private(set) var captures: [UInt32: PacketCapture] = [:]
  var reservations: PortReservations
  var rotation = PortRotation()
  /// Ports whose answers are neither taken nor refused: they are used for nothing else.
  var witnessRotation = PortRotation()
  var routes = RouteCache()
  /// Tells why this host drops what belongs to a probe, where that is asked for.
  var tracer: DropTracer?
  /// Why it cannot.
  private(set) var traceAbsence: TraceAbsence?
  /// Captured frames that no segment or error could be read from, by the reason.
  var parseErrors: [WireError: UInt64] = [:]
  /// Whether a capture was opened or closed since the descriptors were asked for.
  private(set) var hasNewDescriptors = true
  /// How many captures there were then; they are the last of the descriptors.
  private(set) var capturesAsked = 0

  /// Opens the raw sockets and reserves the first port, on the caller's thread.
  /// - Throws: `SystemError`; without CAP_NET_RAW its `isMissingCapability` holds.
  init(syn options: ProberConfiguration) throws(SystemError) {
    let former = Privilege.raise()
    defer { Privilege.restore(former) }
    var reservations =
      switch options.sourcePorts {
      case .rotating: PortReservations(preferring: options.preferredPorts)
      case .fixed(let port): try PortReservations(fixed: port)
      case .counting(let first): PortReservations(countingFrom: first)
      }
    let v4 = try RawSocket(.v4, ports: reservations.block, options: options)
    let v6: RawSocket?
    do throws(SystemError) {
      v6 = try RawSocket(.v6, ports: reservations.block, options: options)
    } catch {
      v6 = nil  // A host without IPv6: a probe to such a target is blocked.
    }
    var rotation = PortRotation()
    guard let port = options.sourcePorts.fixedPort ?? reservations.reserve() else {
      let block = reservations.block
      throw .system(
        errno: reservations.refusal, operation: .reservePort, subject: "in \(block.lowerBound)-\(block.upperBound)")
    }
    rotation.add(port)
    self.options = options
    self.reservations = reservations
    self.rotation = rotation
    socketV4 = consume v4
    socketV6 = consume v6
    guard options.tellsWhy else { return }
    do throws(TraceAbsence) { tracer = try DropTracer(ports: self.reservations.block) } catch { traceAbsence = error }
  }

  /// Finds out whether it can capture, before its first series.
  /// - Throws: `SystemError` that names the call which is refused.
  mutating func prove(_ proof: CaptureProof) throws(SystemError) {
    let former = Privilege.raise()
    defer { Privilege.restore(former) }
    switch proof {
    case .toward(let first):
      if case .success(let route) = findRoute(to: first), (try? arm(route)) != nil { return }
      try PacketCapture.check()
    case .anywhere: try PacketCapture.check()
    case .permission: try PacketCapture.checkPermission()
    }
  }

  /// Prepares to probe by connect(2), which needs no privilege.
  /// - Throws: `SystemError` where an option is not permitted.
  init(connect options: ProberConfiguration) throws(SystemError) {
    let opened = try Connector(options)
    self.options = options
    connector = consume opened
    reservations = PortReservations()
    if options.tellsWhy { traceAbsence = .kernelsPorts }
  }

  // MARK: What to wait for

  /// Ready when something has come; of one kind each, the captures last.
  var descriptors: [Int32] {
    mutating get {
      hasNewDescriptors = false
      capturesAsked = captures.count
      return [socketV4?.rawValue, socketV6?.rawValue, connector?.descriptor].compactMap { $0 }
        + captures.values.map(\.descriptor)
    }
  }

  // MARK: Ways

  /// Opens the capture on the route's device, unless it is open.
  mutating func arm(_ route: Route) throws(SystemError) {
    guard !isArmed(route) else { return }
    captures[route.index] = try PacketCapture(
      device: route.interface, filter: CaptureFilter(ports: reservations.block), keepsPackets: options.keepsPackets)
    hasNewDescriptors = true
  }

  /// Closes the capture on a device that has gone.
  mutating func closeCapture(_ device: UInt32) {
    captures[device] = nil
    hasNewDescriptors = true
  }

  /// Nothing more is captured, and the process ends with this transport.
  func leave() { PacketCapture.leave(captures.values) }

  /// Whether what comes back by a route will be seen.
  func isArmed(_ route: Route) -> Bool { connector != nil || captures[route.index] != nil }

  /// The way of a connection to `target` from a port, where it is known.
  mutating func findRoute(to target: Endpoint, from port: UInt16? = nil) -> Result<Route, SendFailure> {
    let port = port ?? options.sourcePorts.fixedPort ?? 0
    do throws(SystemError) {
      return .success(try routes.route(to: target, from: port, options, at: SystemClock.now()))
    } catch {
      return .failure(SendFailure(errno: error.errno ?? ENETUNREACH))
    }
  }

  // MARK: Ports

  /// The next free port towards `target`, reserving another while there is one, else the one that has rested longest;
  /// nil while all are in flight.
  mutating func takePort(for target: Endpoint) -> UInt16? {
    let now = SystemClock.now()
    if rotation.count >= reservations.fewest, let port = rotation.take(for: target, at: now) { return port }
    if let port = reservations.reserve() { rotation.add(port) }
    return rotation.take(for: target, at: now) ?? rotation.takeResting(for: target, at: now)
  }

  /// A port of which the kernel refuses no answer until it is let go; nil where none can be had.
  mutating func takeHeldPort(for target: Endpoint) -> UInt16? {
    let now = SystemClock.now()
    let known = witnessRotation.take(for: target, at: now)
    if known == nil, let port = reservations.reserve() { witnessRotation.add(port) }
    guard let port = known ?? witnessRotation.take(for: target, at: now) else { return nil }
    if reservations.hold(port) { return port }
    witnessRotation.release(port, for: target, .clean, at: now)
    return nil
  }

  /// Whether there are ports to be given back.
  var keepsPorts: Bool { rotation.count > 0 && options.sourcePorts == .rotating }

  /// Gives the source ports back, and what was learned of the targets with them.
  mutating func giveBack() {
    rotation = PortRotation()
    witnessRotation = PortRotation()
    reservations.giveBack()
    routes.clear()
    Process.trimMemory()
  }
}
