/// How probes are sent.
package enum ProbeMode: Sendable {
  /// SYN segments on a raw socket, with a capture; needs CAP_NET_RAW.
  case syn
  /// The kernel's own connect(2); needs no privilege, and has no stamps but the kernel's round trip.
  case connect
}
