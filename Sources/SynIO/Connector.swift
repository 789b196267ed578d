internal import CSyn
internal import Glibc
internal import SynCore
internal import SynSystem
internal import SynWire

/// Attempts to connect that the kernel carries out: probes without privilege.
struct Connector: ~Copyable {
  private let poller: FileDescriptor
  private let options: ProberConfiguration
  private var attempts: [ProbeID: Attempt] = [:]
  /// Attempts that had ended when they began, as on loopback.
  private var ended: [ProbeID] = []
  /// Half of what this process may open.
  private let most: Int

  private struct Attempt {
    let descriptor: Int32
    let target: Endpoint
    /// What connect(2) itself answered.
    let errno: Int32
  }

  /// Tries the options on a socket of its own, so that what is not permitted is known before the first probe.
  /// - Throws: `SystemError`.
  init(_ options: ProberConfiguration) throws(SystemError) {
    let opened = FileDescriptor(try check(csyn_poller_open(), .openDescriptor, "epoll"))
    var wanted = csyn_connect_options(options)
    let family = options.source?.family.number ?? 4
    let operation: SystemError.Operation = options.sourcePorts.fixedPort == nil ? .setOption : .reservePort
    let subject = options.sourcePorts.fixedPort.map { "\($0)" } ?? "of a TCP socket"
    close(try check(Connector.open(family, &wanted, options), operation, subject))
    poller = opened
    self.options = options
    most = options.sourcePorts.fixedPort == nil ? max(Process.descriptorLimit / 2, 16) : 1
  }

  deinit {
    for attempt in attempts.values { close(attempt.descriptor) }
  }

  /// Readable when an attempt has ended.
  var descriptor: Int32 { poller.rawValue }

  /// Whether one more attempt fits into this process's descriptors.
  var hasRoom: Bool { attempts.count < most }

  /// Begins an attempt.
  /// - Returns: The address and port that it goes from, where they are known yet.
  /// - Throws: `SendFailure` with what this host answered.
  mutating func start(_ specification: ConnectSpecification) throws(SendFailure) -> Endpoint? {
    var wanted = csyn_connect_options(options)
    if let hopLimit = specification.hopLimit { wanted.hops = Int32(hopLimit) }
    var address = csyn_address(specification.target.address)
    let fd = Connector.open(specification.target.address.family.number, &wanted, options)
    guard fd >= 0 else { throw SendFailure(errno: -fd) }
    let answer = csyn_connect_start(fd, &address, specification.target.port)
    guard answer == 0 || -answer == ECONNREFUSED else {
      close(fd)
      throw SendFailure(errno: -answer)
    }
    attempts[specification.id] = Attempt(descriptor: fd, target: specification.target, errno: -answer)
    if answer != 0 || csyn_poller_add(poller.rawValue, fd, specification.id.rawValue) != 0 {
      ended.append(specification.id)
    }
    var local = csyn_address()
    let port = csyn_connect_local(fd, &local)
    return port > 0 ? IPAddress(local).map { Endpoint(address: $0, port: UInt16(port)) } : nil
  }

  /// Opens a socket with the options; raises privileges only where one of them needs any.
  private static func open(_ family: Int32, _ wanted: inout csyn_connect_options, _ options: ProberConfiguration)
    -> Int32
  {
    guard !options.privileges.isEmpty else { return csyn_connect_open(family, &wanted) }
    let former = Privilege.raise()
    defer { Privilege.restore(former) }
    return csyn_connect_open(family, &wanted)
  }

  /// How an attempt ended.
  enum End {
    case answered(ConnectionAttempt)
    case failed(SendFailure)
  }

  /// Hands over every attempt that has ended; each stays open until `finish`.
  mutating func drain(_ body: (ProbeID, End) -> Void) {
    for id in ended { read(id, body) }
    ended = []
    var tokens = [UInt64](repeating: 0, count: 64)
    while true {
      let count = csyn_poller_take(poller.rawValue, &tokens, tokens.count)
      for token in tokens.prefix(Int(max(count, 0))) { read(ProbeID(token), body) }
      if count < tokens.count { return }
    }
  }

  /// Whether an attempt has ended that the poller does not know of.
  var isImmediate: Bool { !ended.isEmpty }

  /// Closes the attempt of a probe that has its outcome.
  mutating func finish(_ id: ProbeID) {
    if let attempt = attempts.removeValue(forKey: id) { close(attempt.descriptor) }
  }

  private func read(_ id: ProbeID, _ body: (ProbeID, End) -> Void) {
    guard let attempt = attempts[id] else { return }
    var found = csyn_attempt()
    csyn_connect_read(attempt.descriptor, attempt.errno, &found)
    let end: ConnectionAttempt.End
    switch csyn_attempt_state(UInt32(bitPattern: found.state)) {
    case CSYN_ESTABLISHED: end = .established(after: found.round_trip >= 0 ? .nanoseconds(found.round_trip) : nil)
    case CSYN_REFUSED: end = .refused
    case CSYN_UNREACHABLE:
      let quoted = ICMPError.QuotedSegment(
        sourcePort: found.local_port, destination: attempt.target, sequence: SequenceNumber(0))
      end = .unreachable(
        ICMPError(
          sender: IPAddress(found.offender) ?? attempt.target.address, type: found.icmp_type, code: found.icmp_code,
          quoted: quoted))
    case CSYN_SILENT: return  // The kernel has given up; the probe's own timeout decides.
    default: return body(id, .failed(SendFailure(errno: found.error)))
    }
    body(
      id,
      .answered(ConnectionAttempt(end, retransmissions: found.retransmissions, localPort: found.local_port)))
  }
}

extension csyn_connect_options {
  init(_ options: ProberConfiguration) {
    self.init()
    hops = Int32(options.hopLimit ?? 0)
    traffic_class = Int32(options.trafficClass ?? 0)
    mark = options.mark
    source_port = options.sourcePorts.fixedPort ?? 0
    if let address = options.source { source = csyn_address(address) }
    withUnsafeMutableBytes(of: &device) { $0.copyBytes(from: (options.interface ?? "").utf8.prefix($0.count - 1)) }
  }
}
