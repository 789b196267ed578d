internal import SynWire

/// A valid answer to a probe: a SYN-ACK or a RST.
struct Reply {
  enum Kind { case synAck, reset }

  let mark: Mark
  /// Who sent it, by its header where it was seen.
  let source: Endpoint
  let facts: ReplyFacts

  var kind: Kind { mark.kind }
  var time: KernelTimestamp? { mark.time }

  /// What tells an answer from its copies and from the target's repetitions.
  struct Mark {
    let kind: Kind
    let sequence: SequenceNumber
    /// TSval, which a sender's repetition carries anew and a copy made by the network does not.
    let senderClock: UInt32?
    let time: KernelTimestamp?

    /// Whether both are of one making: the same segment, however often the network copied it.
    func isCopy(of other: Mark) -> Bool {
      kind == other.kind && sequence == other.sequence && senderClock == other.senderClock
    }

    /// Whether this is the target's own repetition of `first`: the same sequence number, made anew after its timer.
    func isRetransmission(of first: Mark) -> Bool {
      guard kind == .synAck, first.kind == .synAck, sequence == first.sequence, let time, let start = first.time,
        time - start >= Reply.shortestRetransmission
      else { return false }
      return senderClock == nil || senderClock != first.senderClock
    }
  }

  /// The shortest time after which a kernel repeats a SYN-ACK; Linux and the BSDs wait 1 s.
  static let shortestRetransmission = Duration.milliseconds(500)

  init(_ kind: Kind, _ segment: TCPSegment, at time: KernelTimestamp?) {
    mark = Mark(
      kind: kind, sequence: segment.sequence, senderClock: segment.options.timestamps?.value, time: time)
    source = segment.source
    facts = ReplyFacts(segment)
  }
}
