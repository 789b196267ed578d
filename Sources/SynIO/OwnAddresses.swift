internal import SynSystem
internal import SynWire

/// Which addresses are this host's: each is asked for once.
final class OwnAddresses {
  private var known: [IPAddress: Bool] = [:]

  private static let most = 4096

  /// Whether `address` is one of this host's now, or was when it was asked for first.
  func contains(_ address: IPAddress) -> Bool {
    if let isOwn = known[address] { return isOwn }
    // Of a link-local address it is not told whose it is: a router has one, too.
    let isOwn = !address.isLinkLocalV6 && Devices.isOwn(address)
    if known.count >= OwnAddresses.most { known.removeAll() }
    known[address] = isOwn
    return isOwn
  }
}
