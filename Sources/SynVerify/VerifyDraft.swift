internal import SynCore
internal import SynProbe
package import SynVerdict
internal import SynWire

/// A verification as it is asked for, setting by setting, before anything has an address.
///
/// The command, the service and the C library fill it from their own syntax, and say its objections in their own form.
package struct VerifyDraft: Sendable {
  /// Why something cannot be meant.
  package struct Objection: Error, Sendable {
    /// The claim or the setting that is wrong, `baseline`, or `claims` where nothing is claimed.
    package let name: String
    /// What is wrong, and what is right.
    package let reason: String

    init(_ setting: VerifySetting, _ reason: String) { self.init(setting.rawValue, reason) }

    init(_ name: String, _ reason: String) {
      self.name = name
      self.reason = reason
    }
  }

  /// The most that may be asked for.
  package struct Bounds: Sendable {
    package var mostProbes = 100_000
    package var longest = Duration.seconds(86_400)
    package var leastInterval = Duration.nanoseconds(1)

    /// Those of whoever pays himself.
    package init() {}

    func check(longest asked: Duration) throws(Objection) {
      guard asked <= longest else {
        throw Objection(.longest, "\(asked.text) is more than \(longest.text), the longest that it may take here")
      }
    }

    func check(interval: Duration) throws(Objection) {
      guard interval >= leastInterval else {
        throw Objection(.interval, "\(interval.text) is below \(leastInterval.text), the shortest interval here")
      }
    }
  }

  package var claims: [Claim] = []
  package var path: FaultPath?
  package var hasBaseline = false
  package var hasControl = false
  package var confidence: Double?
  package var mostProbes: Int?
  package var longest: Duration?
  package var interval: Duration?
  package var timeout: Duration?
  package var sibling: UInt16?
  private var fault: InjectedFault?
  private var faultName = VerifySetting.netem.rawValue
  private let bounds: Bounds

  package init(_ bounds: Bounds = Bounds()) {
    self.bounds = bounds
  }

  /// Adds a claim by its words.
  package mutating func claim(_ name: String, _ value: String) throws(Objection) {
    do throws(ClaimError) { claims.append(try Claim.parse(name, value)) } catch { throw Objection(name, "\(error)") }
  }

  /// Sets what was injected; `name` is what objections to it call it.
  package mutating func inject(_ fault: InjectedFault?, as name: String) {
    self.fault = fault
    faultName = name
  }

  /// What is to be known of the injected line, though all may be right with it.
  package var notes: [String] { fault?.netem?.notes ?? [] }

  /// Sets one thing by its name; the control target is the caller's to find.
  package mutating func set(_ setting: VerifySetting, _ text: String) throws(Objection) {
    switch setting {
    case .netem:
      do throws(ClaimError) { inject(InjectedFault(netem: try NetemSpec.parse(text)), as: setting.rawValue) } catch {
        throw Objection(setting, "\(error)")
      }
    case .path:
      guard let path = FaultPath(rawValue: text) else {
        throw Objection(setting, "'\(text.escaped)' is none of egress, peer, both")
      }
      self.path = path
    case .control: hasControl = true
    case .confidence:
      do throws(Confidence.ParseError) { confidence = try Confidence.parse(text) } catch {
        throw Objection(setting, "\(error)")
      }
    case .mostProbes:
      guard let count = Int(plain: text, in: 0...Int.max) else {
        throw Objection(setting, "'\(text.escaped)' is not a number of probes from 1 to \(bounds.mostProbes)")
      }
      mostProbes = count
    case .longest: longest = try VerifyDraft.duration(text, setting)
    case .interval: interval = try VerifyDraft.duration(text, setting)
    case .timeout: timeout = try VerifyDraft.duration(text, setting)
    case .sibling:
      guard let port = Int(plain: text, in: 1...65_535) else {
        throw Objection(setting, "'\(text.escaped)' is not a port from 1 to 65535")
      }
      sibling = UInt16(port)
    }
  }

  static func duration(_ text: String, _ setting: VerifySetting) throws(Objection) -> Duration {
    do throws(Duration.ParseError) { return try Duration.parse(text) } catch { throw Objection(setting, "\(error)") }
  }

  // MARK: All of it together

  /// The terms, once all has been said.
  /// - Throws: `Objection` for what is beyond the bounds, or does not go together.
  package func settled() throws(Objection) -> VerifyTerms {
    if hasBaseline, hasControl {
      throw Objection(.control, "a baseline and a control target exclude each other")
    }
    if path != nil, fault == nil {
      throw Objection(.path, "it says where an injected fault sits, and none is given")
    }
    let confidence = confidence ?? VerifyPlan.usualConfidence
    guard (0.5...0.999999).contains(confidence) else {
      throw Objection(.confidence, "\(confidence) is out of range: 0.5 to 0.999999")
    }
    let mostProbes = mostProbes ?? min(VerifyPlan.usualMostProbes, bounds.mostProbes)
    guard (1...bounds.mostProbes).contains(mostProbes) else {
      throw Objection(.mostProbes, "\(mostProbes) is out of range: 1 to \(bounds.mostProbes)")
    }
    let longest = longest ?? min(VerifyPlan.usualLongest, bounds.longest)
    try bounds.check(longest: longest)
    let timeout = timeout ?? VerifyPlan.usualTimeout(within: longest)
    if let reason = VerifyPlan.objection(timeout: timeout, longest: longest) {
      guard self.timeout == nil else { throw Objection(.timeout, reason) }
      throw Objection(.longest, "\(longest.text) leaves no time for any answer: give 3 ms or more")
    }
    let interval = interval ?? max(.nanoseconds(VerifyPlan.interval(showing: fault)), bounds.leastInterval)
    try bounds.check(interval: interval)
    let claims = try allClaims(interval)
    if claims.tellDirectionOfLoss, longest <= LossTrail.listening {
      throw Objection(
        .longest,
        "\(longest.text) is too short to tell a direction: the target's repetitions take \(LossTrail.listening.text)")
    }
    return VerifyTerms(
      claims: claims, injected: fault?.netem, confidence: confidence, mostProbes: mostProbes,
      longest: longest, interval: interval, timeout: timeout, sibling: sibling)
  }

  /// Those that are written, and those that the fault means.
  private func allClaims(_ interval: Duration) throws(Objection) -> [Claim] {
    guard fault != nil || !claims.isEmpty else { throw Objection("claims", "nothing is claimed: what must hold?") }
    let hasComparison = hasBaseline || hasControl
    if let claim = claims.first(where: \.needsBaseline), !hasComparison {
      throw Objection(
        claim.name, "the claim \(claim.name) needs a baseline: a saved result, or a control target")
    }
    if let fault, fault.needsPath, path == nil, fault.path == nil {
      throw Objection(
        .path, "where does the fault sit? give the path: egress (here), peer (at the target) or both")
    }
    do throws(ClaimError) {
      return try VerifyPlan.claims(
        claims, fault: fault, path: path, hasBaseline: hasComparison, interval: interval.nanoseconds)
    } catch {
      throw Objection(faultName, "\(error)")
    }
  }
}

/// What is claimed and how long it is measured, of whatever target.
package struct VerifyTerms: Sendable {
  package let claims: [Claim]
  package let injected: NetemSpec?
  let confidence: Double
  package let mostProbes: Int
  let longest: Duration
  package let interval: Duration
  let timeout: Duration
  /// The port that is asked when the target falls silent; nil for some that hardly anybody uses.
  let sibling: UInt16?

  /// The plan, once the targets have addresses.
  package func plan(
    target: VerifyPlan.Host, control: VerifyPlan.Host?, baseline: SavedBaseline?
  ) -> VerifyPlan {
    var plan = VerifyPlan(target: target, claims: claims)
    plan.control = control
    plan.baseline = baseline
    plan.confidence = confidence
    plan.mostProbes = mostProbes
    plan.longest = longest
    plan.interval = interval
    plan.timeout = timeout
    plan.injected = injected
    plan.siblings = SeriesPlan.siblings(of: target.endpoint.port, chosen: sibling)
    return plan
  }
}
