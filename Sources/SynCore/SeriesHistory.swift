internal import SynWire

/// What earlier answers of a series tell about a new one.
struct SeriesHistory {
  /// The highest sequence number whose answer has reached the device.
  private var latestArrival: Int?
  /// The answered probe that was sent last, and how long its answer took.
  private var latestAnswered: (sequence: Int, roundTrip: Duration)?
  /// The probe that was sent last.
  private var latestSubmitted = 0
  /// The probes from the first without an outcome on: those between may have theirs.
  private var waiting = FirstInFirstOut<ProbeID>()

  /// Notes that the first answer to probe `sequence` has arrived, and says whether that of a later one came before.
  mutating func isOvertaken(arrivalOf sequence: Int) -> Bool {
    guard let latest = latestArrival, sequence < latest else {
      latestArrival = sequence
      return false
    }
    return true
  }

  mutating func submitted(_ id: ProbeID, _ sequence: Int) {
    latestSubmitted = max(latestSubmitted, sequence)
    waiting.append(id)
  }

  /// Lets go of the probes that have ended, up to the first that has not.
  /// - Complexity: O(1), amortised over the probes.
  mutating func letGoOfEnded(in table: borrowing InFlightTable) {
    while let first = waiting.first, !table.isInFlight(first) { _ = waiting.popFirst() }
  }

  /// The probes of the series that may still wait, in their order; some of them have ended.
  var unfinished: [ProbeID] { waiting.all }

  /// Whether the answers so far show that this path gives a stamp which its losses are placed by.
  struct Witness {
    private var isSeen = false
    private var isMissed = false

    /// An answered probe had the stamp, or had none.
    mutating func add(_ hasStamp: Bool) {
      if hasStamp { isSeen = true } else { isMissed = true }
    }

    /// Answers came, and none of them ever had it: its absence says nothing here.
    var isBlind: Bool { isMissed && !isSeen }
    /// At least one had it.
    var isTrue: Bool { isSeen }
  }

  /// The stamp of the SYN's handing over to the device: some devices promise it and take none.
  private(set) var sent = Witness()
  /// The capture, which sees no answer that comes in by another device.
  private(set) var capture = Witness()

  /// Notes which stamps an answered probe had in the end.
  mutating func witnessed(_ observation: Observation) {
    guard observation.delivered != nil else { return }
    sent.add(observation.sent != nil)
    capture.add(observation.received != nil)
  }

  mutating func answered(_ sequence: Int, after roundTrip: Duration) {
    if sequence >= latestAnswered?.sequence ?? 0 { latestAnswered = (sequence, roundTrip) }
  }

  /// When a target repeats a SYN-ACK whose first copy was lost, in seconds: after 1 s, doubled each time (RFC 6298), or
  /// after 3 s (RFC 1122, as Windows and older stacks do).
  private static let repetitions: [Int64] = [1, 3, 7, 9, 15, 21, 31, 45]

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
