internal import Glibc
package import SynWire

/// One name on its way to addresses, on a thread of its own: the system's resolver cannot be hurried or cancelled.
package final class NameResolution: Sendable {
  /// The name.
  package let name: String
  private let work: BackgroundWork<Result<[IPAddress], Failure>>

  /// Why a name has no address, in the resolver's words.
  package struct Failure: Error, Equatable, CustomStringConvertible {
    package let description: String

    package init(description: String) { self.description = description }
  }

  /// More answers than any sensible host has are not looked at.
  private static let mostAnswers = 16

  /// Starts to resolve `name`, to addresses of `family` alone where one is given.
  package init(_ name: String, family: IPAddress.Family?) throws(SystemError) {
    self.name = name
    work = try BackgroundWork { NameResolution.lookUp(name, family) }
  }

  /// Readable once there is a result.
  package var descriptor: Int32 { work.descriptor }

  /// The addresses in the order of preference, or why there are none; nil while it is not known.
  package var result: Result<[IPAddress], Failure>? { work.result }

  /// Resolves `name` on a thread of its own, which hands the result to `handler`.
  package static func start(
    _ name: String, family: IPAddress.Family? = nil,
    _ handler: @escaping @Sendable (Result<[IPAddress], Failure>) -> Void
  ) throws(SystemError) {
    try WorkerThread.start { handler(lookUp(name, family)) }
  }

  private static func lookUp(_ name: String, _ family: IPAddress.Family?) -> Result<[IPAddress], Failure> {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_family = family.map { $0 == .v4 ? AF_INET : AF_INET6 } ?? AF_UNSPEC
    var list: UnsafeMutablePointer<addrinfo>?
    let status = getaddrinfo(name, nil, &hints, &list)
    guard status == 0 else { return .failure(Failure(description: String(cString: gai_strerror(status)))) }
    defer { freeaddrinfo(list) }
    var addresses: [IPAddress] = []
    var entry = list
    while let current = entry, addresses.count < NameResolution.mostAnswers {
      if let address = current.pointee.ai_addr.flatMap({ IPAddress($0) }) { addresses.append(address.unmapped) }
      entry = current.pointee.ai_next
    }
    return addresses.isEmpty ? .failure(Failure(description: "no address")) : .success(addresses)
  }
}
