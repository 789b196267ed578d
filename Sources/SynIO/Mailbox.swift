internal import Synchronization

/// A queue between threads whose reader waits on a descriptor.
package final class Mailbox<Message: Sendable>: Sendable {
  private let messages = Mutex<[Message]>([])
  private let wake: WakeDescriptor

  /// Opens an empty mailbox.
  package init() throws(SynIOError) {
    wake = try WakeDescriptor()
  }

  /// Readable while there are messages.
  package var descriptor: Int32 { wake.rawValue }

  /// Adds a message, from any thread.
  package func put(_ message: Message) {
    messages.withLock { $0.append(message) }
    wake.signal()
  }

  /// Takes every message there is, in the order in which they were put.
  package func takeAll() -> [Message] {
    wake.clear()
    return messages.withLock { messages in
      defer { messages = [] }
      return messages
    }
  }
}
