import SynWire
import Testing

@testable import SynEdge
@testable import SynHTTP

@Suite struct Configurations {
  private static func layer(_ values: [(Setting, [String])]) throws -> ConfigurationLayer {
    var layer = ConfigurationLayer()
    for (setting, texts) in values { try layer.set(setting, to: texts, at: "here") }
    return layer
  }

  private static func error(_ layers: ConfigurationLayer...) -> String? {
    do throws(ConfigurationError) { _ = try ServiceConfiguration(layers) } catch { return error.description }
    return nil
  }

  @Test func aStrongerSourceReplacesAWeakerOne() throws {
    let options = try Self.layer([(.allow, ["192.0.2.1"])])
    let file = try ConfigurationFile(
      "f.yaml", text: "allow: [192.0.2.0/24, 198.51.100.0/24]\nlisten: '[::1]:9000'\nlimits: {count: 7}\n"
    ).layer
    let configuration = try ServiceConfiguration([options, ConfigurationLayer(), file])
    #expect(configuration.allowed?.map(\.text) == ["192.0.2.1"])
    #expect("\(configuration.listen)" == "[::1]:9000")
    #expect(configuration.limits.count == 7)
    #expect(configuration.limits.connections == ServiceLimits().connections)
  }

  @Test func beyondLoopbackARuleAndATokenAreNeeded() throws {
    for listen in ["0.0.0.0:9115", "192.0.2.1:9115", "[::]:9115"] {
      let open = try Self.layer([(.listen, [listen])])
      let allow = try Self.layer([(.allow, ["192.0.2.0/24"])])
      let token = try Self.layer([(.tokenFile, ["/tokens"])])
      #expect(try #require(Self.error(open)).contains("without --allow"))
      #expect(try #require(Self.error(open, allow)).contains("without --token-file"))
      #expect(try #require(Self.error(open, token)).contains("without --allow"))
      #expect(Self.error(open, allow, token) == nil)
    }
    for listen in ["127.0.0.1:9115", "127.9.9.9:1", "[::1]:9115"] {
      #expect(Self.error(try Self.layer([(.listen, [listen])])) == nil)
    }
  }

  @Test func aCertificateAndItsKeyGoTogether() throws {
    #expect(Self.error(try Self.layer([(.tlsCertificate, ["c"])])) != nil)
    #expect(Self.error(try Self.layer([(.tlsKey, ["k"])])) != nil)
    #expect(Self.error(try Self.layer([(.tlsCertificate, ["c"]), (.tlsKey, ["k"])])) == nil)
  }

  @Test func modulesThatNobodyWroteKeepToLimitsThatSomebodyDid() throws {
    let file = try ConfigurationFile("f", text: "limits: {count: 3, interval: 100ms, duration: 250ms}\n").layer
    let module = try #require(try ServiceConfiguration([file]).modules["tcp_syn"])
    #expect(module.longest <= .milliseconds(250))
    #expect((module.count, module.interval) == (1, .milliseconds(100)))
    let written = try ConfigurationFile("f", text: "limits: {count: 3}\nmodules: {tcp_syn: {count: 5}}\n").layer
    #expect(try #require(Self.error(written)).contains("modules.tcp_syn: 5 probes are more than 3"))
  }

  @Test func aMisspeltVariableIsSeen() {
    let names = ["SYNPROBE_LISTN", "SYNPROBE_ALLOW", "SYNPROBE_SERVICE_HOST", "SYNPROBE_PORT_9115_TCP", "PATH"]
    let source = ConfigurationSource(
      options: ConfigurationLayer(), file: nil, environment: Dictionary(uniqueKeysWithValues: names.map { ($0, "x") }))
    #expect(source.unknownVariables == ["SYNPROBE_LISTN"])
  }

  @Test func anErrorNamesItsPlaceInTheFile() {
    let text = "listen: 127.0.0.1:9115\nlimits:\n  count: 10\n  cuont: 3\n"
    #expect {
      try ConfigurationFile("/etc/s.yaml", text: text)
    } throws: {
      "\($0)".hasPrefix("/etc/s.yaml:4:10: limits.cuont: there is no such limit")
    }
  }

  @Test(arguments: ["", "# nothing\n", "---\n", "~\n", "\u{feff}\n"]) func anEmptyFileIsGood(_ text: String) throws {
    #expect(Self.error(try ConfigurationFile("f", text: text).layer) == nil)
  }

  @Test func aDeepOrWideFileIsReadInBoundedTimeAndStack() {
    let deep = "modules: " + String(repeating: "[", count: 100_000)
    #expect(throws: ConfigurationError.self) { try ConfigurationFile("f", text: deep) }
    let nested = "modules: " + String(repeating: "{a: ", count: 30) + String(repeating: "}", count: 30)
    #expect { try ConfigurationFile("f", text: nested) } throws: { "\($0)".contains("nested too deeply") }
  }

  @Test func tokensAreLinesAndNothingLikeThemIsLetIn() throws {
    let tokens = try TokenList(text: "# comment\n\nfirst-token\r\nsecond\n", path: "t")
    #expect(tokens.contains("first-token"))
    #expect(tokens.contains("second"))
    for wrong in ["", "first-toke", "first-token ", "first-tokenx", "First-token", "# comment", "comment", "\u{0}"] {
      #expect(!tokens.contains(wrong))
    }
    #expect(!tokens.contains(String(repeating: "a", count: 100_000)))
  }

  @Test(arguments: ["", "\n\n", "# only\n", "with space\n", "tab\t\n", "caf\u{e9}\n", "\u{1}\n"])
  func aFileWithoutAGoodTokenIsRefused(_ text: String) {
    #expect(throws: ConfigurationError.self) { try TokenList(text: text, path: "t") }
  }
}
