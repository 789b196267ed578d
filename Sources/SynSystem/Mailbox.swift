package import Synchronization

/// A queue between threads whose reader waits on a descriptor.
///
/// Its code is inlinable: each probe comes through it, in other modules' types.
package final class Mailbox<Message: Sendable>: Sendable {
  @usableFromInline let messages = Mutex<[Message]>([])
  @usableFromInline let wake: WakeDescriptor

  /// Opens an empty mailbox.
  package init() throws(SystemError) {
    wake = try WakeDescriptor()
  }

  /// Readable while there are messages.
  package var descriptor: Int32 { wake.rawValue }

  /// Adds a message, from any thread.
  ///
  /// The reader takes all there is: he is woken by the first message alone.
  @inlinable package func put(_ message: Message) {
    let isFirst = messages.withLock { messages in
      messages.append(message)
      return messages.count == 1
    }
    if isFirst { wake.signal() }
  }

  /// Takes every message there is, in the order in which they were put.
  @inlinable package func takeAll() -> [Message] {
    wake.clear()
    return messages.withLock { messages in
      let taken = messages
      messages = []
      // As many may come again: whoever puts them is not to wait for room.
      messages.reserveCapacity(min(taken.count, 256))
      return taken
    }
  }
}
