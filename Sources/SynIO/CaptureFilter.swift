/// The capture filter: replies to the reserved source ports, and ICMP errors, which quote them.
package struct CaptureFilter: Equatable {
  /// The reserved source ports.
  package let ports: ClosedRange<UInt16>
  /// Whether SYNs that leave from these ports are seen too.
  package let seesSyns: Bool

  /// A filter for these ports.
  package init(ports: ClosedRange<UInt16>, seesSyns: Bool = false) {
    self.ports = ports
    self.seesSyns = seesSyns
  }

  /// The expression in pcap-filter(7)'s words.
  package var expression: String {
    let tcp = "tcp dst portrange \(ports.lowerBound)-\(ports.upperBound)"
    let icmp = "(icmp and (icmp[0] >= 3 and icmp[0] <= 5 or icmp[0] == 11 or icmp[0] == 12))"
    // tcpdump's icmp6[] is newer than some libpcap; without extension headers the type stands at octet 40.
    let icmp6 = "(icmp6 and ip6[40] >= 1 and ip6[40] <= 4)"
    let replies = "\(tcp) or \(icmp) or \(icmp6)"
    guard seesSyns else { return replies }
    // The RSTs by which the kernel answers a SYN-ACK leave from these ports as well.
    let syn = "((ip and tcp[13] == 2) or (ip6 and ip6[6] == 6 and ip6[53] == 2))"
    // To libpcap "and" binds no closer than "or".
    return "\(replies) or (tcp src portrange \(ports.lowerBound)-\(ports.upperBound) and \(syn))"
  }
}
