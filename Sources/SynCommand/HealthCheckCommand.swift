internal import ArgumentParser
internal import SynCore
internal import SynHTTP
internal import SynProbe
internal import SynSystem
internal import SynWire

/// `synprobe healthcheck`: asks the service whether it is alive, for images that have neither a shell nor curl.
struct HealthCheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "healthcheck",
    abstract: "Ask the HTTP service on this host whether it is alive.",
    discussion: """
      For HEALTHCHECK in an image, where there is neither a shell nor curl. Prints nothing when all is well.
      Exit status: 0 it answered 200, 1 it did not, 64 bad input.
      """
  )

  @Option(help: ArgumentHelp("Where the service listens.", valueName: "ip:port"))
  var address = "127.0.0.1:9115"

  @Option(help: ArgumentHelp("What to ask for.", valueName: "path"))
  var path = "/livez"

  @Option(
    name: [.customShort("W"), .long],
    help: ArgumentHelp("How long the answer may take. (default: 2s)", valueName: "duration"),
    transform: Arguments.duration)
  var timeout: Duration?

  @Flag(help: "The service speaks TLS; its certificate is not looked at.")
  var tls = false

  func run() throws {
    Privilege.confine(to: [])
    let endpoint = try target()
    let request = "GET \(path) HTTP/1.1\r\nHost: \(endpoint)\r\nUser-Agent: synprobe\r\nConnection: close\r\n\r\n"
    let answer: [UInt8]
    do {
      answer = try firstLine(from: endpoint, asking: Array(request.utf8), within: timeout ?? .seconds(2))
    } catch let error where error is SystemError || error is Blocking.TimedOut {
      throw CommandFailure(.no, "unhealthy: \(error)")
    } catch {
      throw CommandFailure(.no, "unhealthy: \(endpoint) does not speak TLS, or does not answer")
    }
    let line = String(decoding: answer.prefix(200), as: UTF8.self)
    guard line.hasPrefix("HTTP/1."), line.split(separator: " ").dropFirst().first == "200" else {
      let nothing = tls ? "nothing" : "nothing; if it speaks TLS, --tls is needed"
      throw CommandFailure(.no, "unhealthy: \(endpoint) answered \(line.isEmpty ? nothing : "'\(line.escaped)'")")
    }
  }

  private func firstLine(
    from endpoint: Endpoint, asking request: [UInt8], within time: Duration
  ) throws -> [UInt8] {
    let deadline = SystemClock.now().advanced(by: time)
    guard tls else { return try StreamExchange.firstLine(from: endpoint, asking: request, until: deadline) }
    return try Blocking.run(until: deadline) {
      try await SecureExchange.firstLine(from: endpoint, asking: request, within: time)
    }
  }

  private func target() throws(CommandFailure) -> Endpoint {
    guard path.hasPrefix("/"), path.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
      throw CommandFailure(.usage, "--path '\(path.escaped)' is not a path such as /livez")
    }
    let target: Target
    do throws(Target.ParseError) {
      target = try Target.parse(address, defaultPort: nil)
    } catch {
      throw CommandFailure(.usage, "--address: \(error)")
    }
    guard case .address(let address) = target.host else {
      throw CommandFailure(.usage, "--address '\(address.escaped)' is not IP:PORT: names are not resolved here")
    }
    return Endpoint(address: address, port: target.port)
  }
}
