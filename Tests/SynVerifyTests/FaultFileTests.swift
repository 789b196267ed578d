import SynFaultFiles
import SynVerdict
import Testing

@testable import SynVerify

/// Faults as Chaos Mesh and tc write them.
@Suite struct FaultFiles {
  private static func chaos(_ spec: String) -> String {
    "apiVersion: chaos-mesh.org/v1alpha1\nkind: NetworkChaos\nmetadata: {name: web, namespace: shop}\nspec:\n"
      + "  mode: one\n  selector: {labelSelectors: {app: web}}\n  duration: 30s\n"
      + spec.split(separator: "\n").map { "  \($0)\n" }.joined()
  }

  /// The spec, and the same in netem's words with the path.
  @Test(
    arguments: [
      ("action: delay\ndelay: {latency: 100ms}", "delay 100ms", .peer),
      (
        "action: delay\ndelay: {latency: \"90ms\", correlation: \"25\", jitter: \"10ms\"}\ndirection: both",
        "delay 90ms 10ms 25%", .both
      ),
      (
        "action: delay\ndelay: {latency: 1.5s, reorder: {reorder: '50', correlation: '25', gap: 5}}\ndirection: from",
        "delay 1.5s reorder 50% 25% gap 5", .egress
      ),
      ("action: loss\nloss: {loss: \"5\", correlation: \"0\"}", "loss 5%", .peer),
      ("action: loss\nloss: {loss: 12.5, correlation: 25}", "loss 12.5% 25%", .peer),
      ("action: duplicate\nduplicate: {duplicate: '40', correlation: '25'}", "duplicate 40% 25%", .peer),
      ("action: corrupt\ncorrupt: {corrupt: '5'}\nloss: {loss: '9'}", "corrupt 5%", .peer),
      ("action: rate\nrate: {rate: 1mbps}", "rate 1mbps", .peer),
      ("action: netem\ndelay: {latency: 10ms}\nloss: {loss: '5'}", "delay 10ms loss 5%", .peer),
    ] as [(String, String, FaultPath)])
  func aNetworkChaosIsReadAsNetem(_ spec: String, _ line: String, _ path: FaultPath) throws {
    let expected = InjectedFault(netem: try NetemSpec.parse(line), path: path)
    #expect(try InjectedFault.networkChaos(Self.chaos(spec)) == expected)
  }

  /// The bandwidth, and the claims that it means.
  @Test(arguments: [
    ("{rate: 1mbps, limit: 20971520, buffer: 10000}\ndirection: from", ["rate 6.4mbit..9.6mbit", "where egress"]),
    ("{rate: 1mbps, limit: 20971520, buffer: 1600}", ["rate 6.4mbit..9.6mbit", "where network"]),
    ("{rate: 64kbit, limit: 9000, buffer: 1600}\ndirection: both", ["rate 51.2kbit..76.8kbit"]),
  ])
  func aBandwidthIsARate(_ values: String, _ expected: [String]) throws {
    let fault = try InjectedFault.networkChaos(Self.chaos("action: bandwidth\nbandwidth: \(values)"))
    let claims = try fault.claims(path: nil, hasBaseline: false, interval: 20_000_000)
    #expect(claims.map { "\($0.name) \($0.expected)" } == expected)
  }

  /// What no train of SYNs shows is refused, with the reason.
  @Test(arguments: [
    ("{rate: 1mbps, buffer: 10000}", "its bucket of 10000 bytes lets a whole train of SYNs' answers pass"),
    ("{rate: 1gbps}", "8gbit is as fast as a host answers SYNs"),
    ("{rate: 1kbps}", "8kbit lets too few SYNs pass"),
  ])
  func aBandwidthThatCannotBeSeenIsRefused(_ values: String, _ words: String) throws {
    let fault = try InjectedFault.networkChaos(Self.chaos("action: bandwidth\nbandwidth: \(values)"))
    let error = #expect(throws: ClaimError.self) {
      try fault.claims(path: nil, hasBaseline: false, interval: 20_000_000)
    }
    #expect(error?.description.hasPrefix(words) == true, "\(error?.description ?? "")")
  }

  @Test func aTbfIsARate() throws {
    let tbf = #"[{"kind":"tbf","handle":"8001:","dev":"c0","options":{"rate":1250000,"burst":1600,"lat":50000}}]"#
    let fault = try InjectedFault.qdisc(tbf)
    let claims = try fault.claims(path: .egress, hasBaseline: false, interval: 20_000_000)
    #expect(claims.map { "\($0.name) \($0.expected)" } == ["rate 8mbit..12mbit", "where egress"])
    #expect(throws: ClaimError.self) { try fault.claims(path: nil, hasBaseline: false, interval: 20_000_000) }
  }

  @Test func aScheduleHoldsANetworkChaos() throws {
    let text = "kind: Schedule\nspec:\n  schedule: '@hourly'\n  networkChaos: {action: partition, direction: both}\n"
    #expect(try InjectedFault.networkChaos(text) == InjectedFault(.partition, path: .both))
  }

  @Test(arguments: [("drop", InjectedFault.Effect.partition), ("reject", .refusal)])
  func aPartitionDropsOrRefuses(_ behavior: String, _ effect: InjectedFault.Effect) throws {
    let text = Self.chaos("action: partition\npartitionBehavior: \(behavior)\ndirection: from")
    let fault = try InjectedFault.networkChaos(text)
    #expect(fault == InjectedFault(effect, path: .egress))
    let claims = try VerifyPlan.claims([], fault: fault, path: nil, hasBaseline: false, interval: 20_000_000)
    #expect(claims.map(\.name) == [behavior == "drop" ? "partition" : "refused"])
  }

  @Test(arguments: [
    ("", "it is empty"), ("kind: PodChaos\nspec: {}", "its kind is PodChaos"), ("spec: {}", "it has no kind"),
    ("kind: NetworkChaos", "it has no spec"), (chaos("delay: {latency: 1s}"), "its spec has no action"),
    (chaos("action: delay"), "its action is delay, and its spec has no 'delay'"),
    (chaos("action: bandwidth"), "its action is bandwidth, and its spec has no 'bandwidth'"),
    (chaos("action: bandwidth\nbandwidth: {rate: fast}"), "9:14: it has no rate, as 1mbps"),
    (
      chaos("action: bandwidth\nbandwidth: {rate: 1mbps, burst: 3}"),
      "9:35: 'bandwidth' has 'burst', which is not understood"
    ),
    (chaos("action: melt"), "its action is 'melt', none of"),
    (chaos("action: partition\npartitionBehavior: melt"), "its partitionBehavior is 'melt', none of drop, reject"),
    (chaos("action: loss\nloss: {loss: 5}\nschedulre: x"), "10:14: its spec has 'schedulre', which is not understood"),
    (chaos("action: delay\ndelay: {latency: 1s, jiter: 1ms}"), "9:31: 'delay' has 'jiter', which is not understood"),
    (chaos("action: delay\ndelay: {latency: 100}"), "9:20: latency: '100' is not a duration"),
    (chaos("action: loss\nloss: {loss: 101}"), "9:16: loss is not a number from 0 to 100"),
    (chaos("action: loss\nloss: {loss: '5 corrupt 9'}"), "9:16: loss is not a number from 0 to 100"),
    (chaos("action: loss\nloss: {loss: 5}\ndirection: up"), "its direction is 'up', none of to, from, both"),
    (
      "\(chaos("action: loss\nloss: {loss: 5}"))---\n\(chaos("action: partition"))",
      "there are 2 NetworkChaos in it, web, web: choose one by FILE#NAME"
    ),
    ("kind: PodChaos\n---\nkind: Pod\n", "its kind is PodChaos, Pod, and NetworkChaos is needed"),
    (chaos("action: delay\ndelay: {latency: \"{{ .Values.delay }}\"}"), "9:20: a Helm template that is not rendered"),
    (
      "{{- if .Values.chaos }}\n" + chaos("action: partition") + "{{- end }}\n",
      "1:1: a Helm template that is not rendered"
    ),
    ("kind: NetworkChaos\nspec: *gone\n", "it is not YAML: 2:7: there is no anchor 'gone'"),
    ("a: &a [x]\nkind: !odd NetworkChaos", "it is not YAML: 2:7: a tag"),
    ("kind: [", "it is not YAML: "),
  ]) func whatIsNoNetworkChaosIsRefused(_ text: String, _ words: String) {
    #expect {
      try InjectedFault.networkChaos(text)
    } throws: { ($0 as? ClaimError)?.description.hasPrefix(words) == true }
  }

  @Test(
    arguments: [
      (nil, "---\nkind: Namespace\nmetadata: {name: x}\n---\n\(chaos("action: partition"))"),
      (
        "second",
        "\(chaos("action: loss\nloss: {loss: 5}"))---\nkind: NetworkChaos\nmetadata: {name: second}\nspec: {action: partition}\n"
      ),
      (nil, "kind: List\nitems:\n- kind: Pod\n- kind: NetworkChaos\n  spec: {action: partition}\n"),
      (
        "cut",
        "kind: Workflow\nspec:\n  entry: all\n  templates:\n  - {name: all, templateType: Serial, children: [slow, cut]}\n"
          + "  - {name: slow, templateType: NetworkChaos, networkChaos: {action: delay, delay: {latency: 1s}}}\n"
          + "  - {name: cut, templateType: NetworkChaos, networkChaos: {action: partition}}\n"
      ),
      (
        nil,
        "x-base: &base {mode: one, action: loss}\nkind: NetworkChaos\nspec:\n  <<: *base\n  action: partition\n"
      ),
    ] as [(String?, String)]) func aNetworkChaosIsFoundAmongOtherObjects(_ name: String?, _ text: String) throws
  {
    #expect(try InjectedFault.networkChaos(text, named: name) == InjectedFault(.partition, path: .peer))
  }

  @Test func aFileThatGrowsBeyondAnyBoundByItsAliasesIsRefused() {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    for level in 1...9 {
      let aliases = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
      text += "a\(level): &a\(level) [\(aliases)]\n"
    }
    #expect {
      try InjectedFault.networkChaos(text + "kind: NetworkChaos\n")
    } throws: { "\($0)".contains("more than 100000 values") }
  }

  @Test func aQdiscIsReadFromThePlainListingToo() throws {
    let text =
      "qdisc noqueue 0: dev lo root refcnt 2 \nqdisc netem 8001: dev eth0 root refcnt 2 limit 1000 delay 100ms\n"
    var netem = try #require(try InjectedFault.qdisc(text).netem)
    netem.notes = []
    #expect(netem == (try NetemSpec.parse("delay 100ms")))
  }

  private static func qdisc(_ options: String, _ dev: String = "eth0") -> String {
    "{\"kind\":\"netem\",\"handle\":\"8001:\",\"dev\":\"\(dev)\",\"root\":true,\"refcnt\":2,\"options\":{\(options)}}"
  }

  /// The options as iproute2 6.15 prints them, and the line that made them.
  @Test(arguments: [
    ("\"limit\":1000,\"delay\":{\"delay\":0.1,\"jitter\":0.01,\"correlation\":0.25}", "delay 100ms 10ms 25%"),
    ("\"limit\":1000,\"delay\":{\"delay\":4e-06,\"jitter\":0,\"correlation\":0}", "delay 4us"),
    ("\"limit\":5,\"loss-random\":{\"loss\":0.05,\"correlation\":0}", "loss 5% limit 5"),
    (
      "\"limit\":1000,\"loss-gemodel\":{\"p\":0.01,\"r\":0.1,\"1-h\":0.7,\"1-k\":0.01}", "loss gemodel 1% 10% 70% 1%"
    ),
    (
      "\"limit\":1000,\"loss-state\":{\"p13\":0.05,\"p31\":0.95,\"p32\":0,\"p23\":1,\"p14\":0}",
      "loss state 5% 95% 0% 100% 0%"
    ),
    (
      "\"limit\":1000,\"delay\":{\"delay\":0.05,\"jitter\":0,\"correlation\":0},"
        + "\"reorder\":{\"reorder\":0.25,\"correlation\":0},\"gap\":5", "delay 50ms reorder 25% gap 5"
    ),
    (
      "\"limit\":1000,\"duplicate\":{\"duplicate\":0.05,\"correlation\":0},"
        + "\"corrupt\":{\"corrupt\":0.02,\"correlation\":0}", "duplicate 5% corrupt 2%"
    ),
    (
      "\"limit\":1000,\"rate\":{\"rate\":125000,\"packetoverhead\":20,\"cellsize\":0,\"celloverhead\":0}",
      "rate 1mbit 20"
    ),
  ]) func aQdiscIsReadAsNetem(_ options: String, _ line: String) throws {
    let text = "[{\"kind\":\"noqueue\",\"handle\":\"0:\",\"dev\":\"lo\",\"options\":{}},\(Self.qdisc(options))]"
    #expect(try InjectedFault.qdisc(text) == InjectedFault(netem: try NetemSpec.parse(line)))
  }

  @Test(arguments: [
    ("[]", "there is neither netem nor tbf among its 0"), ("{}", "it is not the output of tc -j qdisc show"),
    ("qdisc netem 8001: root", "the netem line is empty"), ("[{\"kind\":\"netem\"}]", "its netem has no options"),
    ("[\(qdisc("")),\(qdisc("", "eth1"))]", "there is netem on eth0 and eth1: give one"),
    ("[\(qdisc("\"delay\":{\"delay\":-1}"))]", "1:99: delay is not a number from 0"),
    ("[\(qdisc("\"limit\":1000"))]", "the netem line"),
  ]) func whatIsNoNetemIsRefused(_ text: String, _ words: String) {
    #expect {
      let fault = try InjectedFault.qdisc(text)
      _ = try VerifyPlan.claims([], fault: fault, path: .peer, hasBaseline: false, interval: 20_000_000)
    } throws: { ($0 as? ClaimError)?.description.hasPrefix(words) == true }
  }

  // MARK: As claims

  private static func names(
    _ line: String, _ written: [(String, String)] = [], path: FaultPath?, hasBaseline: Bool = false
  ) throws -> [String] {
    try VerifyPlan.claims(
      try written.map { try Claim.parse($0.0, $0.1) }, fault: InjectedFault(netem: try NetemSpec.parse(line)),
      path: path, hasBaseline: hasBaseline, interval: 20_000_000
    ).map { "\($0.name) \($0.expected)" }
  }

  @Test func aWrittenClaimGoesBeforeTheOneThatAFaultMeans() throws {
    let claims = try Self.names("delay 100ms loss 20%", [("loss", "..50%")], path: .peer, hasBaseline: true)
    #expect(claims == ["loss ..50%", "added 90ms..110ms", "where network"])
  }

  @Test func aFaultWithoutAPathAndAChangeWithoutABaselineAreRefused() {
    #expect(throws: ClaimError.self) { try Self.names("delay 100ms", path: nil) }
    #expect(throws: ClaimError.self) { try Self.names("delay 100ms", [("clear", "true")], path: .peer) }
    #expect(throws: ClaimError.self) {
      try VerifyPlan.claims([], fault: nil, path: .peer, hasBaseline: true, interval: 1)
    }
  }

  @Test func aNetworkChaosBringsItsPathAndTheUserMayCorrectIt() throws {
    let fault = try InjectedFault.networkChaos(Self.chaos("action: delay\ndelay: {latency: 100ms}\ndirection: both"))
    for (path, expected) in [(nil, "180ms..220ms"), (.egress, "90ms..110ms")] as [(FaultPath?, String)] {
      let claims = try VerifyPlan.claims([], fault: fault, path: path, hasBaseline: true, interval: 20_000_000)
      #expect(claims.first?.expected == expected)
    }
  }

  @Test func reorderingIsProbedCloserTogether() throws {
    for (line, expected) in [("delay 50ms reorder 25%", 10), ("delay 2ms reorder 25%", 1), ("delay 50ms", 20)] {
      let fault = InjectedFault(netem: try NetemSpec.parse(line))
      #expect(VerifyPlan.interval(showing: fault) == Int64(expected) * 1_000_000)
    }
  }
}
