internal import NIOCore
internal import Synchronization

/// What waits to be written to one client: a bounded queue, so that one who does not read holds up nobody.
final class StreamReader: Sendable {
  /// Pieces that wait at most.
  static let mostWaiting = 1024
  /// Who has missed so many is not reading at all.
  private static let mostMissed = 4096
  /// Pieces that are written at once.
  private static let mostAtOnce = 128

  private struct Contents {
    var waiting: [ByteBuffer] = []
    /// What the client is told first; it is none of what waits.
    var backlog: ArraySlice<ByteBuffer> = []
    /// Dropped since the last that was taken.
    var missed = 0
    var missedInAll = 0
    var isEnded = false
    var waiter: CheckedContinuation<Void, Never>?
  }

  /// Whose verdicts it is told; nil for none.
  let judge: String?
  private let contents = Mutex(Contents())

  init(judge: String?, backlog: [ByteBuffer]) {
    self.judge = judge
    contents.withLock { $0.backlog = backlog[...] }
  }

  /// Pieces that were dropped in all.
  var missed: Int { contents.withLock { $0.missedInAll } }

  /// Adds a piece; the oldest is dropped where there are too many.
  /// - Returns: Whether this reader is still one.
  func put(_ piece: ByteBuffer) -> Bool {
    let (waiter, isReading) = contents.withLock { contents -> (CheckedContinuation<Void, Never>?, Bool) in
      guard !contents.isEnded else { return (nil, false) }
      if contents.waiting.count >= StreamReader.mostWaiting {
        contents.waiting.removeFirst()
        contents.missed += 1
        contents.missedInAll += 1
      }
      contents.waiting.append(piece)
      guard contents.missedInAll < StreamReader.mostMissed else {
        contents.isEnded = true
        return (contents.waiter.take(), false)
      }
      return (contents.waiter.take(), true)
    }
    waiter?.resume()
    return isReading
  }

  /// What waits is still written, and nothing after it.
  func end() {
    let waiter = contents.withLock { contents in
      contents.isEnded = true
      return contents.waiter.take()
    }
    waiter?.resume()
  }

  /// The next pieces as one; nil when there are no more.
  ///
  /// One task at a time may ask.
  func next() async -> ByteBuffer? {
    await withCheckedContinuation { continuation in
      let isReady = contents.withLock { contents in
        let isReady = contents.isEnded || !contents.waiting.isEmpty || !contents.backlog.isEmpty
        if !isReady { contents.waiter = continuation }
        return isReady
      }
      if isReady { continuation.resume() }
    }
    return contents.withLock { contents in
      var pieces = ByteBuffer()
      if !contents.backlog.isEmpty {
        for var piece in contents.backlog.prefix(StreamReader.mostAtOnce) { pieces.writeBuffer(&piece) }
        contents.backlog = contents.backlog.dropFirst(StreamReader.mostAtOnce)
        return pieces
      }
      guard !contents.waiting.isEmpty else { return nil }
      if contents.missed > 0 {
        pieces = StreamFrame.comment("\(contents.missed) events were left out: they were not read in time")
        contents.missed = 0
      }
      let count = min(contents.waiting.count, StreamReader.mostAtOnce)
      for var piece in contents.waiting.prefix(count) { pieces.writeBuffer(&piece) }
      contents.waiting.removeFirst(count)
      return pieces
    }
  }
}
