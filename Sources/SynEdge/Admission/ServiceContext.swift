package import Hummingbird
internal import Synchronization

/// What belongs to one request while it is answered.
package struct ServiceContext: RequestContext {
  package var coreContext: CoreRequestContextStorage
  /// The connection it came by.
  package let connection: Connection?
  /// What the log will say of it.
  package let notes = RequestNotes()

  package init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    connection = Connection.current
  }
}

/// What a route found out about its request, for the log.
package final class RequestNotes: Sendable {
  package struct Contents: Sendable {
    /// The path of the route, as the table has it.
    package var route = "none"
    /// What was asked for, as it was written.
    package var target: String?
    /// The address and port that were decided on.
    package var address: String?
    /// `allowed` or `denied`.
    package var decision: String?
    /// What became of the probes.
    package var outcome: String?
  }

  private let contents = Mutex(Contents())

  package var all: Contents { contents.withLock { $0 } }

  package func note(_ body: @Sendable (inout Contents) -> Void) { contents.withLock { body(&$0) } }
}
