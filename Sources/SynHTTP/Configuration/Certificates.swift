internal import Glibc
internal import NIOCore
internal import NIOSSL
internal import SynCore
internal import SynEdge
internal import SynProbe
internal import SynSystem
internal import Synchronization

/// The certificate that handshakes are made with; a new one takes effect with the next handshake.
final class Certificates: Sendable {
  /// A chain and its key, which fit.
  struct Pair: Sendable {
    let chain: [NIOSSLCertificateSource]
    let key: NIOSSLPrivateKeySource
  }

  private let pair: Mutex<Pair>

  init(_ pair: Pair) {
    self.pair = Mutex(pair)
  }

  /// Replaces the certificate.
  func replace(with new: Pair) {
    pair.withLock { $0 = new }
  }

  /// Reads a chain and its key, and tries them.
  /// - Throws: `ConfigurationError` for files that cannot be read, do not fit, or have expired.
  static func load(certificate: String, key: String) throws(ConfigurationError) -> Pair {
    let chain = try parse(certificate, "certificate") { try NIOSSLCertificate.fromPEMBytes($0) }
    guard let leaf = chain.first else { throw ConfigurationError(certificate.escaped, "there is no certificate in it") }
    guard leaf.notValidAfter > time(nil) else { throw ConfigurationError(certificate.escaped, "it has expired") }
    let privateKey = try parse(key, "private key") { try NIOSSLPrivateKey(bytes: $0, format: .pem) }
    let pair = Pair(chain: chain.map { .certificate($0) }, key: .privateKey(privateKey))
    do {
      _ = try NIOSSLContext(configuration: configuration(pair))
    } catch {
      throw ConfigurationError("\(certificate.escaped) and \(key.escaped) do not fit together")
    }
    return pair
  }

  private static func parse<Value>(
    _ path: String, _ kind: String, _ body: ([UInt8]) throws -> Value
  ) throws(ConfigurationError) -> Value {
    let text = try TextFile.configuration(path, atMost: 1024 * 1024)
    do { return try body(Array(text.utf8)) } catch {
      throw ConfigurationError(path.escaped, "it is not a \(kind) in PEM form")
    }
  }

  private static func configuration(_ pair: Pair) -> TLSConfiguration {
    var configuration = TLSConfiguration.makeServerConfiguration(certificateChain: pair.chain, privateKey: pair.key)
    configuration.minimumTLSVersion = .tlsv12
    configuration.applicationProtocols = ["http/1.1"]
    return configuration
  }

  /// What the server begins with; each handshake asks for the newest certificate.
  var tlsConfiguration: TLSConfiguration {
    var configuration = Certificates.configuration(pair.withLock { $0 })
    configuration.sslContextCallback = { [self] _, promise in
      let newest = pair.withLock { $0 }
      var override = NIOSSLContextConfigurationOverride()
      override.certificateChain = newest.chain
      override.privateKey = newest.key
      promise.succeed(override)
    }
    return configuration
  }
}
