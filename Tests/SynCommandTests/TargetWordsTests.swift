import SynProbe
import SynWire
import Testing

@testable import SynCommand

/// Targets and commands as people type them.
@Suite struct TargetsAsTyped {
  private func read(_ words: [String], ports: String? = nil) throws -> [String] {
    let ports = try ports.map { try TargetWords.ports($0) } ?? []
    return try TargetWords(ports: ports).targets(words).map { target in
      switch target.host {
      case .address(let address): "\(Endpoint(address: address, port: target.port))"
      case .name(let name): "\(name):\(target.port)"
      }
    }
  }

  @Test(arguments: [
    (["192.0.2.1:80"], ["192.0.2.1:80"]), (["192.0.2.1", "80"], ["192.0.2.1:80"]), (["web", "8080"], ["web:8080"]),
    (["2001:db8::1", "443"], ["[2001:db8::1]:443"]), (["[2001:db8::1]", "443"], ["[2001:db8::1]:443"]),
    (["a:1", "b", "2", "c:3"], ["a:1", "b:2", "c:3"]), (["web:https"], ["web:443"]),
    (["[2001:db8::1]:ssh"], ["[2001:db8::1]:22"]),
    (["tcp://web:5432"], ["web:5432"]), (["http://web/"], ["web:80"]), (["https://web/a:b?c=d#e"], ["web:443"]),
    (["HTTPS://user:word@web:8443/x"], ["web:8443"]), (["https://[2001:db8::1]/"], ["[2001:db8::1]:443"]),
    (["[::ffff:192.0.2.1]:80"], ["192.0.2.1:80"]),
  ]) func wordsAreTargets(_ words: [String], _ expected: [String]) throws {
    #expect(try read(words) == expected)
  }

  @Test(arguments: [
    (["192.0.2.1"], "80,443,8000-8003", ["80", "443", "8000", "8001", "8002", "8003"]),
    (["192.0.2.1"], "https", ["443"]), (["192.0.2.1"], "80,80,80-81", ["80", "81"]),
  ]) func portsMakeATargetEach(_ words: [String], _ ports: String, _ expected: [String]) throws {
    #expect(try read(words, ports: ports) == expected.map { "192.0.2.1:\($0)" })
  }

  @Test func aTargetWithAPortOfItsOwnKeepsIt() throws {
    #expect(try read(["a:1", "b", "http://c"], ports: "7,8") == ["a:1", "b:7", "b:8", "c:80"])
  }

  @Test(arguments: [
    ["web"], ["80"], ["ftp://web/"], ["web:nosuchservice"], ["web:0"], ["web:65536"], ["web", "0"], ["://"], [""],
    ["http://"], ["http:///x"], ["a", "b"], ["tcp://web"],
  ]) func whatIsNoTargetIsRefused(_ words: [String]) {
    #expect(throws: CommandFailure.self) { try read(words) }
  }

  @Test(arguments: ["0", "70000", "", "80,", "9-1", "1-100", "1-40,50-90", "x", "-1", "80-", "80-90-100"])
  func whatAreNoPortsIsRefused(_ text: String) {
    #expect(throws: CommandFailure.self) { try TargetWords.ports(text) }
  }

  @Test func thePasswordOfAURLIsNotSaid() throws {
    let inputs = try TargetWords(ports: []).targets(["http://me:secret@web:80/@x", "http://web/a@b"]).map(\.input)
    #expect(inputs == ["http://web:80/@x", "http://web/a@b"])
    for word in ["ftp://me:secret@web", "tcp://me:secret@web", "http://me:secret@"] {
      #expect {
        try TargetWords(ports: []).targets([word])
      } throws: { ($0 as? CommandFailure)?.message.contains("secret") == false }
    }
  }

  @Test func aMissingPortIsSaidWithTheWaysToGiveOne() {
    #expect {
      try read(["web.example"])
    } throws: { ($0 as? CommandFailure)?.message.contains("HOST PORT, or give -p PORT") == true }
  }
}

@Suite struct NearestCommands {
  private static let commands = ["ping", "verify", "serve", "doctor", "healthcheck", "hping3", "tcpping", "help"]

  @Test(arguments: [
    (["veriffy", "a:1", "--rtt", "1ms..2ms"], "verify"), (["pign"], "ping"), (["srve"], "serve"),
    (["docter"], "doctor"),
    (["servre", "--listen", "127.0.0.1:1"], "serve"), (["tccping", "-x", "3"], "tcpping"),
  ]) func aMisspeltCommandIsAnsweredWithTheNearest(_ arguments: [String], _ nearest: String) {
    let words = NearestCommand.objection(to: arguments, commands: Self.commands)
    #expect(words?.contains("the nearest is '\(nearest)'") == true, "\(words ?? "none")")
  }

  @Test(arguments: [
    [], ["ping"], ["verify", "x"], ["--help"], ["web", "80"], ["server", "-p", "80"], ["server", "-p80"], ["web:80"],
    ["web.example"], ["--count", "3", "web:80"], ["web", "--port=80"], ["192.0.2.1"],
  ]) func whatMayBeRightIsLeft(_ arguments: [String]) {
    #expect(NearestCommand.objection(to: arguments, commands: Self.commands) == nil)
  }

  @Test(arguments: [("ping", "ping", 0), ("pign", "ping", 1), ("", "ping", 4), ("veriffy", "verify", 1), ("x", "", 1)])
  func distancesAreOfLetters(_ first: String, _ second: String, _ distance: Int) {
    #expect(NearestCommand.distance(first, second) == distance)
  }
}
