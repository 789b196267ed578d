internal import CPcap
internal import CSyn
internal import Glibc
internal import SynCore
internal import SynSystem
internal import SynWire
internal import Synchronization

/// The replies that reach one device, with the time of their arrival, before traffic control and netfilter; where the filter
/// asks for them, the SYNs that it sends, too.
///
/// A class, since the loop keeps several by their devices' names; it stays on the loop's thread.
final class PacketCapture {
  /// The device.
  let device: String
  /// What to wait on.
  let descriptor: Int32
  private let handle: OpaquePointer
  private let link: LinkType
  private let keepsPackets: Bool
  private var dropsSeen: UInt32 = 0
  /// Whether the end of the process closes it.
  private var isLeft = false

  /// Enough for Ethernet with two tags, and IPv4 and TCP headers of full length: what a sweep looks at.
  private static let headersLength: Int32 = 192
  /// Enough for an ICMPv6 error behind two tags, with 128 octets of quotation and the labels of a stack of 16.
  private static let errorsLength: Int32 = 272
  private static let ringBytes: Int32 = 4 << 20
  /// More than the ring holds: what was there when a drain began is handed over in it.
  private static let mostPerDrain = 65_536

  /// Arms the capture: once this returns, no reply that passes the filter is missed.
  /// - Throws: `SystemError` when the device is unknown, capturing is not permitted, or the link type is not supported.
  init(device: String, filter: CaptureFilter, keepsPackets: Bool = false) throws(SystemError) {
    let length = filter.seesSyns ? PacketCapture.headersLength : PacketCapture.errorsLength
    let handle = try PacketCapture.activate(device, length)
    do throws(SystemError) {
      link = try PacketCapture.linkType(handle, device)
      try PacketCapture.apply(filter, to: handle, device)
    } catch {
      pcap_close(handle)
      throw error
    }
    self.device = device
    self.keepsPackets = keepsPackets
    self.handle = handle
    descriptor = pcap_get_selectable_fd(handle)
    // Without it each SYN is run through the filter, and refused, between its two stamps. Since Linux 4.20.
    if !filter.seesSyns { _ = csyn_packet_ignore_outgoing(descriptor) }
  }

  deinit {
    if !isLeft { pcap_close(handle) }
  }

  /// Leaves captures to the kernel to close behind the end of this process, where it does: nobody waits for that.
  static func leave(_ captures: some Collection<PacketCapture>) {
    let descriptors = captures.map(\.descriptor)
    guard !descriptors.isEmpty, csyn_close_behind(descriptors, descriptors.count) == 0 else { return }
    for capture in captures { capture.isLeft = true }
    left.withLock { $0 += captures.map { UInt(bitPattern: $0.handle) } }
  }

  /// Where those stay known, so that they are not taken for lost memory.
  private static let left = Mutex<[UInt]>([])

  /// Finds out on a socket of its own whether captures are possible here.
  /// - Throws: `SystemError` that names the call which is refused.
  static func check() throws(SystemError) {
    let socket = FileDescriptor(
      try SynSystem.check(csyn_packet_open(), .openPacketSocket, "socket(AF_PACKET, SOCK_RAW, 0)"))
    _ = try SynSystem.check(csyn_packet_try_ring(socket.rawValue), .mapRing, "setsockopt(SOL_PACKET, PACKET_RX_RING)")
  }

  /// Finds out whether a packet socket is permitted, without one: closing it would take a grace period of the kernel's RCU.
  /// - Throws: `SystemError` that names the call which is refused.
  static func checkPermission() throws(SystemError) {
    _ = try SynSystem.check(csyn_packet_permitted(), .openPacketSocket, "socket(AF_PACKET, SOCK_RAW, 0)")
  }

  /// Hands over every packet in the ring, with its headers where packets are kept.
  ///
  /// Returns false when the device has gone.
  func drain(_ body: (Frame, KernelTimestamp, PacketHeaders?) -> Void) -> Bool {
    var header: UnsafeMutablePointer<pcap_pkthdr>?
    var bytes: UnsafePointer<u_char>?
    for _ in 0..<PacketCapture.mostPerDrain {
      let result = pcap_next_ex(handle, &header, &bytes)
      if result == 0 { return true }
      guard result == 1, let header, let bytes else { return false }
      let packet = UnsafeRawBufferPointer(start: bytes, count: Int(header.pointee.caplen))
      body(
        Frame.parse(packet.bytes, link: link), PacketCapture.stamp(header.pointee.ts),
        keepsPackets ? PacketHeaders(of: packet.bytes, link: link) : nil)
    }
    return true
  }

  /// Packets that the full ring has dropped since the last call.
  func takeDrops() -> UInt64 {
    var statistics = pcap_stat()
    guard pcap_stats(handle, &statistics) == 0 else { return 0 }
    defer { dropsSeen = statistics.ps_drop }
    return UInt64(statistics.ps_drop &- dropsSeen)
  }

  /// With nanosecond precision `tv_usec` holds nanoseconds (pcap-tstamp(7)).
  private static func stamp(_ time: timeval) -> KernelTimestamp {
    KernelTimestamp(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_usec))
  }

  private static func activate(_ device: String, _ snapLength: Int32) throws(SystemError) -> OpaquePointer {
    let former = Privilege.raise()
    defer { Privilege.restore(former) }
    var message = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
    guard let handle = pcap_create(device, &message) else {
      throw .capture(device: device, message: String(terminated: message))
    }
    pcap_set_snaplen(handle, snapLength)
    pcap_set_promisc(handle, 0)
    pcap_set_buffer_size(handle, ringBytes)
    // Otherwise the kernel holds packets back until a block is full: on time stamps no influence, on timeouts a fatal one.
    pcap_set_immediate_mode(handle, 1)
    pcap_set_tstamp_precision(handle, PCAP_TSTAMP_PRECISION_NANO)
    let status = pcap_activate(handle)
    guard status < 0 else { return handle }  // Above zero: warnings.
    defer { pcap_close(handle) }
    let detail = String(cString: pcap_geterr(handle))
    let message2 = detail.isEmpty ? String(cString: pcap_statustostr(status)) : detail
    if status == PCAP_ERROR_PERM_DENIED { throw .captureNotPermitted(device: device, message: message2) }
    throw .capture(device: device, message: message2)
  }

  private static func linkType(_ handle: OpaquePointer, _ device: String) throws(SystemError) -> LinkType {
    let dlt = pcap_datalink(handle)
    if let link = LinkType(dlt: dlt) { return link }
    let name = pcap_datalink_val_to_name(dlt).map { String(cString: $0) } ?? "unknown"
    throw .unsupportedLink(device: device, dlt: dlt, name: name)
  }

  private static func apply(
    _ filter: CaptureFilter, to handle: OpaquePointer, _ device: String
  ) throws(SystemError) {
    var message = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
    var program = bpf_program()
    guard pcap_compile(handle, &program, filter.expression, 1, PCAP_NETMASK_UNKNOWN) == 0 else {
      throw .capture(device: device, message: String(cString: pcap_geterr(handle)))
    }
    defer { pcap_freecode(&program) }
    guard pcap_setfilter(handle, &program) == 0,
      pcap_setdirection(handle, filter.seesSyns ? PCAP_D_INOUT : PCAP_D_IN) == 0
    else {
      throw .capture(device: device, message: String(cString: pcap_geterr(handle)))
    }
    guard pcap_setnonblock(handle, 1, &message) == 0 else {
      throw .capture(device: device, message: String(terminated: message))
    }
  }
}
