internal import CSyn

/// An eventfd: lets one thread wake another out of its wait.
///
/// Safe to use from any thread.
package struct WakeDescriptor: ~Copyable, Sendable {
  private let descriptor: FileDescriptor

  /// Opens the descriptor.
  package init() throws(SystemError) {
    descriptor = FileDescriptor(try check(csyn_wake_open(), .openDescriptor, "eventfd"))
  }

  /// What to wait on; readable once signalled.
  package var rawValue: Int32 { descriptor.rawValue }

  /// Makes it readable.
  package func signal() {
    csyn_wake_signal(descriptor.rawValue)
  }

  /// Makes it unreadable again.
  package func clear() {
    csyn_wake_clear(descriptor.rawValue)
  }
}
