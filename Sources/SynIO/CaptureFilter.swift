/// The capture filter: replies to the reserved source ports, and ICMP errors, which quote them.
package struct CaptureFilter: Equatable {
  /// The reserved source ports.
  package let ports: ClosedRange<UInt16>

  /// A filter for these ports.
  package init(ports: ClosedRange<UInt16>) {
    self.ports = ports
  }

  /// The expression in pcap-filter(7)'s words.
  package var expression: String {
    let tcp = "tcp dst portrange \(ports.lowerBound)-\(ports.upperBound)"
    let icmp = "(icmp and (icmp[0] >= 3 and icmp[0] <= 5 or icmp[0] == 11 or icmp[0] == 12))"
    // tcpdump's icmp6[] is newer than some libpcap; without extension headers the type stands at octet 40.
    let icmp6 = "(icmp6 and ip6[40] >= 1 and ip6[40] <= 4)"
    return "\(tcp) or \(icmp) or \(icmp6)"
  }
}
