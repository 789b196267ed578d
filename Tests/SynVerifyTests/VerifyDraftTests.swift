import SynCore
import SynVerdict
import SynWire
import Testing

@testable import SynVerify

/// What may be asked of a verification, whichever way it comes.
@Suite struct VerifyDrafts {
  private static func draft(
    _ settings: [(VerifySetting, String)], claims: [(String, String)] = [("rtt", "..1s")],
    _ bounds: VerifyDraft.Bounds = VerifyDraft.Bounds()
  ) throws -> VerifyDraft {
    var draft = VerifyDraft(bounds)
    for (name, value) in claims { try draft.claim(name, value) }
    for (setting, text) in settings { try draft.set(setting, text) }
    return draft
  }

  /// Each refusal names what is wrong by the name that it was given by.
  @Test(
    arguments: [
      ([(.confidence, "95")], "confidence", "is not a percentage"),
      ([(.path, "up")], "path", "none of egress, peer, both"),
      ([(.netem, "melt")], "netem", "has no 'melt'"), ([(.path, "peer")], "path", "none is given"),
      ([(.netem, "delay 1ms")], "path", "where does the fault sit?"),
      ([(.mostProbes, "0")], "max_probes", "1 to 100000"),
      ([(.mostProbes, "-1")], "max_probes", "'-1' is not a number"),
      ([(.mostProbes, "100001")], "max_probes", "out of range"),
      ([(.longest, "5")], "max_time", "is not a duration"),
      ([(.longest, "1s"), (.timeout, "1s")], "timeout", "leaves no time"),
      ([(.longest, "2us")], "max_time", "2 us leaves no time for any answer"),
      ([(.timeout, "2us")], "timeout", "too short"),
      ([(.interval, "0ms")], "interval", "out of range"),
    ] as [([(VerifySetting, String)], String, String)])
  func whatCannotBeMeantIsNamed(_ settings: [(VerifySetting, String)], _ name: String, _ words: String) {
    #expect {
      try Self.draft(settings).settled()
    } throws: { error in
      guard let objection = error as? VerifyDraft.Objection else { return false }
      return objection.name == name && objection.reason.contains(words)
    }
  }

  @Test func whatIsNotSaidIsUsual() throws {
    let terms = try Self.draft([]).settled()
    let host = VerifyPlan.Host(input: "web:80", endpoint: Endpoint(address: IPAddress(v4: 1), port: 80))
    let plan = terms.plan(target: host, control: nil, baseline: nil)
    #expect(plan.confidence == 0.95 && plan.mostProbes == 2_000 && plan.longest == .seconds(60))
    #expect(plan.interval == .milliseconds(20) && plan.timeout == .seconds(2))
  }

  @Test func boundsHoldForWhatIsSaidAndForWhatIsUsual() throws {
    var bounds = VerifyDraft.Bounds()
    bounds.mostProbes = 100
    bounds.longest = .seconds(3)
    bounds.leastInterval = .milliseconds(50)
    let terms = try Self.draft([], claims: [("rtt", "..1s")], bounds).settled()
    #expect(terms.mostProbes == 100 && terms.interval == .milliseconds(50))
    for (setting, text) in [(VerifySetting.mostProbes, "101"), (.longest, "4s"), (.interval, "49ms")] {
      #expect {
        try Self.draft([(setting, text)], claims: [("rtt", "..1s")], bounds).settled()
      } throws: { ($0 as? VerifyDraft.Objection)?.name == setting.rawValue }
    }
  }

  @Test func aChangeNeedsSomethingToBeComparedWith() throws {
    var draft = try Self.draft([], claims: [("added", "..5ms")])
    #expect { try draft.settled() } throws: { ($0 as? VerifyDraft.Objection)?.name == "added" }
    draft.hasControl = true
    #expect(try draft.settled().claims.map(\.name) == ["added"])
    draft.hasBaseline = true
    #expect { try draft.settled() } throws: { ($0 as? VerifyDraft.Objection)?.name == "control" }
  }

  @Test func aWrittenClaimGoesBeforeWhatTheFaultMeans() throws {
    let terms = try Self.draft(
      [(.netem, "loss 5%"), (.path, "peer")], claims: [("loss", "1%..2%")]
    ).settled()
    #expect(terms.claims.map(\.name) == ["loss", "where"])
    #expect(terms.claims.first?.expected == "1%..2%")
  }

  @Test func everyClaimHasHelpAndIsReadByItsName() throws {
    for word in ClaimWord.all {
      let value =
        switch word.value {
        case .times: "..1s"
        case .shares: "..1%"
        case .rates: "..1gbit"
        case .nothing: "true"
        case .place: "egress"
        }
      #expect(try Claim.parse(word.name, value).name == word.name)
      #expect(word.help.hasSuffix("."))
    }
  }
}
