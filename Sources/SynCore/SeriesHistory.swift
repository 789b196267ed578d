internal import SynWire

/// What earlier answers of a series tell about a new one.
struct SeriesHistory {
  /// The highest sequence number whose answer has reached the device.
  private var latestArrival: Int?
  /// The answered probe that was sent last, and how long its answer took.
  private var latestAnswered: (sequence: Int, roundTrip: Duration)?
  /// The probe that was sent last.
  private var latestSubmitted = 0

  /// Notes that the first answer to probe `sequence` has arrived, and says whether that of a later one came before.
  mutating func isReordered(arrivalOf sequence: Int) -> Bool {
    guard let latest = latestArrival, sequence < latest else {
      latestArrival = sequence
      return false
    }
    return true
  }

  mutating func submitted(_ sequence: Int) {
    latestSubmitted = max(latestSubmitted, sequence)
  }

  mutating func answered(_ sequence: Int, after roundTrip: Duration) {
    if sequence >= latestAnswered?.sequence ?? 0 { latestAnswered = (sequence, roundTrip) }
  }

  /// When a target repeats a SYN-ACK whose first copy was lost (RFC 6298: 1 s, doubled each time), in seconds.
  private static let repetitions: [Int64] = [1, 3, 7, 15, 31]

  /// Whether an answer to probe `sequence` that took `roundTrip` is the target's repetition of one that was lost.
  ///
  /// It is when it comes just after the target's timer, while a later probe of this series was answered promptly. A
  /// path that has come to take that long holds the later ones up too. Where no later one was sent, the one before it
  /// must do.
  func isRepetition(_ sequence: Int, after roundTrip: Duration) -> Bool {
    guard let latestAnswered, latestAnswered.sequence > sequence || latestSubmitted <= sequence else { return false }
    let neighbour = latestAnswered.roundTrip
    guard neighbour < Reply.shortestRetransmission else { return false }
    return Self.repetitions.contains { seconds in
      let timer = Duration.seconds(seconds)
      // Kernel timers run up to a tenth late, never early.
      return roundTrip >= timer && roundTrip <= timer + timer / 10 + neighbour * 2
    }
  }
}
