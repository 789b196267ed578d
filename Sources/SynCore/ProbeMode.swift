/// The ways to probe.
public enum ProbeMode: String, CaseIterable, Sendable, Codable {
  /// SYN segments on a raw socket and a capture; needs CAP_NET_RAW.
  case syn
  /// connect(2) and the kernel's own handshake time (TCP_INFO); needs no privilege, and cannot tell where.
  case connect
}
