/// Why this host's kernel dropped a packet, in its own words.
public struct DropReason: Hashable, Sendable, Codable {
  /// The kernel's reason, as `NETFILTER_DROP` (enum skb_drop_reason).
  public let name: String
  /// The kernel's function that dropped it, as `nft_do_chain`; nil where it may not be known.
  public let function: String?

  /// Joins the fields.
  public init(_ name: String, in function: String? = nil) {
    self.name = name
    self.function = function
  }

  /// Who dropped it, as people call it, with the kernel's words behind: `netfilter (NETFILTER_DROP, nft_do_chain)`.
  public var meaning: String {
    let words = [name, function].compactMap { $0 }.joined(separator: ", ")
    return "\(DropReason.culprits[name] ?? "the kernel") (\(words))"
  }

  private static let culprits = [
    "NETFILTER_DROP": "netfilter", "NETFILTER_INGRESS": "netfilter", "QDISC_DROP": "a queueing discipline",
    "QDISC_OVERLIMIT": "a queueing discipline", "TC_EGRESS": "a filter of traffic control",
    "TC_INGRESS": "a filter of traffic control", "XDP": "an XDP program", "IP_RPFILTER": "the reverse path filter",
    "IP_INNOROUTES": "the routing table", "IP_OUTNOROUTES": "the routing table", "IP_INADDRERRORS": "the routing table",
    "TCP_CSUM": "TCP, for a wrong checksum", "SKB_CSUM": "the device, for a wrong checksum",
    "IP_CSUM": "IP, for a wrong checksum", "CPU_BACKLOG": "a processor's full backlog",
    "FULL_RING": "a full ring", "NEIGH_FAILED": "the neighbour table", "NEIGH_QUEUEFULL": "the neighbour table",
    "TCP_LISTEN_OVERFLOW": "a listener's full queue", "LISTEN_OVERFLOW": "a listener's full queue",
  ]
}

/// Where probes were lost that this host's kernel said it dropped.
public struct TracedDrop: Hashable, Sendable {
  /// The place.
  public let place: LossPlace
  /// The kernel's words.
  public let reason: DropReason
}

extension ProbeOutcome {
  /// Where the probe was lost; one that this host refused did not get beyond its egress.
  var lossPlace: LossPlace? {
    switch self {
    case .lost(let place): place
    case .blocked: .egress
    default: nil
    }
  }
}
