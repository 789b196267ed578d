internal import Hummingbird
internal import Synchronization

/// What belongs to one request while it is answered.
struct ServiceContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  /// The connection it came by.
  let connection: Connection?
  /// What the log will say of it.
  let notes = RequestNotes()

  init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    connection = Connection.current
  }
}

/// What a route found out about its request, for the log.
final class RequestNotes: Sendable {
  struct Contents: Sendable {
    /// The path of the route, as the table has it.
    var route = "none"
    /// What was asked for, as it was written.
    var target: String?
    /// The address and port that were decided on.
    var address: String?
    /// `allowed` or `denied`.
    var decision: String?
    /// What became of the probes.
    var outcome: String?
  }

  private let contents = Mutex(Contents())

  var all: Contents { contents.withLock { $0 } }

  func note(_ body: @Sendable (inout Contents) -> Void) { contents.withLock { body(&$0) } }
}
