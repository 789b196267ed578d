package import SynWire

/// How it is found out, before the first series, whether captures are possible here.
package enum CaptureProof: Sendable {
  /// By opening the one that this target needs, which stays open.
  case toward(Endpoint)
  /// By opening another, and closing it: two grace periods of the kernel's RCU, some 20 ms.
  case anywhere
  /// As far as it costs nothing: whether they are permitted.
  case permission
}
