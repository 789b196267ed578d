internal import SynCore
public import SynWire

/// What an answer must carry, derived from who is asked: no target is remembered.
///
/// A keyed hash of the target gives the source port and the sequence number; only who saw the SYN knows them.
public struct SweepIdentity: Sendable {
  private let hash: SipHash
  /// The source ports that SYNs leave from.
  public let ports: ClosedRange<UInt16>

  /// Derives all from `key`, 128 bits of a cryptographic source.
  public init(key: (UInt64, UInt64), ports: ClosedRange<UInt16>) {
    hash = SipHash(key: key)
    self.ports = ports
  }

  /// What the SYN to a target carries.
  public struct Mark: Hashable, Sendable {
    /// The source port.
    public let localPort: UInt16
    /// The sequence number.
    public let sequence: SequenceNumber
    /// 64 bits that stand for the target, where it is to be told from others.
    package let fingerprint: UInt64
  }

  /// The mark of a target; its zone does not count.
  public func mark(of target: Endpoint) -> Mark {
    let bits = target.address.bits
    let family: UInt64 = target.address.family == .v4 ? 0 : 1 << 32
    let print = hash.hash([
      UInt64(truncatingIfNeeded: bits >> 64), UInt64(truncatingIfNeeded: bits), family | UInt64(target.port),
    ])
    let port = ports.lowerBound + UInt16(print >> 32 & 0xffff) % UInt16(ports.count)
    return Mark(localPort: port, sequence: SequenceNumber(UInt32(truncatingIfNeeded: print)), fingerprint: print)
  }

  /// A clock value for the timestamps option of a SYN, which says whether it is not the first to its target.
  ///
  /// The number is the same for all of them: a target that holds a half-open connection answers no other by a SYN-ACK.
  public static func timestamp(_ clock: UInt32, isAgain: Bool) -> UInt32 { clock & ~1 | (isAgain ? 1 : 0) }

  static func isAgain(_ timestamp: UInt32) -> Bool { timestamp & 1 == 1 }

  /// The mark of a segment that is a SYN of this sweep on its way out.
  public func mark(ofOwn segment: TCPSegment) -> Mark? {
    guard segment.flags == [.syn] else { return nil }
    let mark = mark(of: segment.destination)
    return segment.source.port == mark.localPort && segment.sequence == mark.sequence ? mark : nil
  }

  /// The answer in a segment, where its source was asked and knows the sequence number (RFC 9293 section 3.10.7.3).
  ///
  /// A RST may acknowledge the SYN's own number, as some hosts do.
  public func answer(in segment: TCPSegment) -> (SweepAnswer.Outcome, Mark)? {
    guard segment.checksum != .wrong, segment.flags.contains(.ack) else { return nil }
    let mark = mark(of: segment.source)
    guard segment.destination.port == mark.localPort else { return nil }
    let behind = mark.sequence.advanced(by: 1)
    switch segment.flags.intersection([.syn, .rst, .fin]) {
    case [.syn] where segment.acknowledgement == behind: return (.open, mark)
    case [.rst] where segment.acknowledgement == behind || segment.acknowledgement == mark.sequence:
      return (.closed, mark)
    default: return nil
    }
  }
}
