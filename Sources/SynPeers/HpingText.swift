public import SynCore
public import SynWire

/// The lines of hping3 (3.0.0-alpha-2), as programs that run it read them.
///
/// What a line cannot say truly is left out of it: an answer without stamps has no `rtt=`.
public enum HpingText {
  /// IPv4 and TCP headers without an option: what a probe of hping3 consists of, bytes.
  private static let headerBytes = 40

  /// What `-V` prints first.
  public static func using(_ interface: String, address: IPAddress, mtu: Int) -> String {
    "using \(interface), addr: \(address), MTU: \(mtu)"
  }

  /// The line before the first probe; `host` is what the user wrote.
  public static func header(_ host: String, _ interface: String, _ address: IPAddress) -> String {
    "HPING \(host) (\(interface) \(address)): S set, \(headerBytes) headers + 0 data bytes"
  }

  /// What one answer carried, and when it came.
  public struct Answer {
    /// Its headers.
    public var facts: ReplyFacts
    /// Who sent it.
    public var sender: Endpoint
    /// The probe's number.
    public var sequence: Int
    /// Nil where it was not measured.
    public var roundTrip: Duration?
    /// Whether the probe was answered before.
    public var isCopy = false

    /// Joins the fields.
    public init(
      facts: ReplyFacts, sender: Endpoint, sequence: Int, roundTrip: Duration?, isCopy: Bool = false
    ) {
      self.facts = facts
      self.sender = sender
      self.sequence = sequence
      self.roundTrip = roundTrip
      self.isCopy = isCopy
    }
  }

  /// An answer; `-V` makes three lines and an empty one of it.
  public static func lines(_ answer: Answer, isVerbose: Bool) -> [String] {
    let facts = answer.facts
    let packet = facts.packet
    let length = packet.map { "len=\($0.totalLength) " } ?? ""
    let identification = packet.map { "\($0.hasFragmentBits ? "DF " : "")id=\($0.identification) " } ?? ""
    let ip =
      "\(answer.isCopy ? "DUP! " : "")\(length)ip=\(answer.sender.address) ttl=\(facts.hopLimit) \(identification)"
    let tcp =
      "sport=\(answer.sender.port) flags=\(letters(facts.flags)) seq=\(answer.sequence) win=\(facts.window)"
      + (answer.roundTrip.map { " rtt=\(tenths($0)) ms" } ?? "")
    guard isVerbose else { return [ip + tcp] }
    let octet = packet.map { "tos=\(hexadecimal($0.trafficClass)) iplen=\($0.totalLength)" } ?? ""
    let numbers =
      "seq=\(facts.sequence.rawValue) ack=\(facts.acknowledgement.rawValue) sum=\(hexadecimal(facts.checksum)) "
      + "urp=\(facts.urgentPointer)"
    return [ip + octet, tcp, numbers, ""]
  }

  /// An ICMP error; `name` is the looked-up name of its sender, absent with `-n`.
  public static func icmp(_ error: ICMPError, name: SenderName) -> String {
    "\(words(error)) ip=\(error.sender)\(name.text)"
  }

  /// The name of who sent an ICMP error.
  public enum SenderName {
    /// It was not asked for.
    case omitted
    /// It was asked for; nil when there is none.
    case known(String?)

    /// hping3 writes a notice, wipes it out with backspaces, and writes the name in its place.
    fileprivate var text: String {
      guard case .known(let name) = self else { return "" }
      let notice = " get hostname..."
      let wiped = notice.count - 1  // The blank stays: it parts the name from the address.
      let back = String(repeating: "\u{8}", count: wiped)
      return notice + back + String(repeating: " ", count: wiped) + back + "name=\(name ?? "UNKNOWN")"
    }
  }

  /// A hop of a traceroute: its ICMP error, then its round trip where it was measured.
  public static func hop(
    _ number: UInt8, _ error: ICMPError, name: SenderName, roundTrip: Duration?
  ) -> [String] {
    ["hop=\(number) " + icmp(error, name: name)]
      + (roundTrip.map { ["hop=\(number) hoprtt=\(tenths($0)) ms"] } ?? [])
  }

  private static func words(_ error: ICMPError) -> String {
    switch (error.type, error.code) {
    case (11, 0): "TTL 0 during transit from"
    case (11, 1): "TTL 0 during reassembly from"
    case (3, let code): unreachable[code].map { "ICMP \($0) from" } ?? "ICMP Unreachable type=\(code) from"
    default: "ICMP type=\(error.type) code=\(error.code) from"
    }
  }

  private static let unreachable: [UInt8: String] = [
    0: "Network Unreachable", 1: "Host Unreachable", 2: "Protocol Unreachable", 3: "Port Unreachable",
    4: "Fragmentation Needed/DF set", 5: "Source Route failed", 13: "Packet filtered", 14: "Precedence violation",
    15: "precedence cut off",
  ]

  /// The letters of the control bits in hping3's order; X and Y are the two of ECN.
  static func letters(_ flags: TCPFlags) -> String {
    let names: [(TCPFlags, String)] = [
      (.rst, "R"), (.syn, "S"), (.ack, "A"), (.fin, "F"), (.psh, "P"), (.urg, "U"), (.ece, "X"), (.cwr, "Y"),
    ]
    let set = names.filter { flags.contains($0.0) }.map(\.1)
    return set.isEmpty ? "none" : set.joined()
  }

  /// Milliseconds with one digit behind the point, rounded to the nearest.
  static func tenths(_ duration: Duration) -> String {
    let nanoseconds = max(duration.nanoseconds, 0)
    let tenths = nanoseconds / 100_000 + (nanoseconds % 100_000 >= 50_000 ? 1 : 0)
    return "\(tenths / 10).\(tenths % 10)"
  }

  private static func hexadecimal(_ number: some BinaryInteger) -> String { String(number, radix: 16) }
}
