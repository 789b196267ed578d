internal import ArgumentParser
internal import Glibc
internal import SynCore
internal import SynEdge
internal import SynHTTP
internal import SynProbe
internal import SynSystem

/// `synprobe serve`: the HTTP service.
struct ServeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Answer HTTP requests with the latency of the target that they name.",
    discussion: """
      GET /v1/ping?target=IP:PORT answers with JSON, /probe?target=IP:PORT with metrics for Prometheus, /openapi.json \
      with all the rest. Listens on loopback; beyond it only with --allow and --token-file.

      Options go before variables (SYNPROBE_LISTEN, SYNPROBE_ALLOW, ...), and those before the file of --config. \
      SIGHUP reads the files again; SIGTERM ends the service within 5 s.
      Exit status: 0 ended by SIGTERM or SIGINT, 64 bad configuration, 71 cannot listen or probe, 77 not permitted.
      """
  )

  @Option(help: ArgumentHelp("Where to listen. (default: 127.0.0.1:9115)", valueName: "ip:port"))
  var listen: String?

  @Option(
    help: ArgumentHelp(
      "Allow targets: CIDR or CIDR:PORTS. Without a rule, all but special addresses.", valueName: "rule"))
  var allow: [String] = []

  @Option(help: ArgumentHelp("Deny targets, whatever is allowed.", valueName: "rule"))
  var deny: [String] = []

  @Flag(help: "Let targets be names.")
  var names = false

  @Option(help: ArgumentHelp("Bearer tokens, one a line; with it each request needs one.", valueName: "file"))
  var tokenFile: String?

  @Option(help: ArgumentHelp("Certificate chain, PEM; with it the service speaks TLS.", valueName: "file"))
  var tlsCert: String?

  @Option(help: ArgumentHelp("Its private key, PEM.", valueName: "file"))
  var tlsKey: String?

  @Option(
    help: ArgumentHelp("A further name of this service, beside addresses and localhost; * for any.", valueName: "name"))
  var host: [String] = []

  @Flag(help: "Ask this host's kernel why it drops what is lost (libbpf, CAP_BPF, CAP_PERFMON).")
  var why = false

  @Option(help: ArgumentHelp("Keep monitors and their history in this file over a restart.", valueName: "file"))
  var state: String?

  @Option(help: ArgumentHelp("Configuration file, YAML.", valueName: "file"))
  var config: String?

  @Flag(help: "Check the configuration and all files that it names, and leave.")
  var checkConfig = false

  func run() throws {
    let service = try service()
    if checkConfig {
      for name in service.unknownVariables {
        Diagnostics.say("the variable \(name.escaped) is no setting of the service")
      }
      return Diagnostics.say("the configuration is good")
    }
    Process.raiseDescriptorLimit()
    do {
      let signals = SignalSource(try TerminationSignals())
      let probers = try Probers(tellsWhy: service.tellsWhy)
      if let absence = probers.whyAbsence { Diagnostics.say("--why is left out: \(absence)") }
      let state = service.openState()
      // From here on nothing is left to be opened that needs a capability; the probing threads keep their own.
      Privilege.confine(to: [])
      try Blocking.run { try await service.run(probers, state, signals, version: Version.current) }
    } catch let error as ProberError {
      throw CommandFailure(error)
    } catch let error as ListenError {
      throw ServeCommand.failure(error)
    } catch let error as SystemError {
      throw CommandFailure(.systemRefused, "\(error)")
    }
  }

  private func service() throws(CommandFailure) -> ProbeService {
    do throws(ConfigurationError) {
      return try ProbeService(ConfigurationSource(options: layer(), file: config, environment: Process.environment))
    } catch {
      throw CommandFailure(.usage, "\(error)")
    }
  }

  private func layer() throws(ConfigurationError) -> ConfigurationLayer {
    var layer = ConfigurationLayer()
    let lists: [(Setting, [String])] = [(.allow, allow), (.deny, deny), (.hosts, host)]
    for (setting, values) in lists where !values.isEmpty { try layer.set(setting, to: values, at: setting.option) }
    let single: [(Setting, String?)] = [
      (.listen, listen), (.tokenFile, tokenFile), (.tlsCertificate, tlsCert), (.tlsKey, tlsKey),
      (.names, names ? "true" : nil), (.why, why ? "true" : nil), (.state, state),
    ]
    for (setting, value) in single {
      if let value { try layer.set(setting, to: [value], at: setting.option) }
    }
    return layer
  }

  private static func failure(_ error: ListenError) -> CommandFailure {
    let words = "cannot listen on \(error.address): \(String(cString: strerror(error.errno)))"
    switch error.errno {
    case EACCES:
      return CommandFailure(.notPermitted, "\(words); ports below 1024 are not for this program: take a higher one")
    case EADDRNOTAVAIL: return CommandFailure(.systemRefused, "\(words); no device of this host has it")
    case EADDRINUSE: return CommandFailure(.systemRefused, "\(words); --listen takes another port")
    default: return CommandFailure(.systemRefused, words)
    }
  }
}
