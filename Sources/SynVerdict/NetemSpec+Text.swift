internal import SynCore

extension NetemSpec {
  /// The words for tc, as `delay 100ms 10ms distribution normal loss 5%`, with three digits each; empty for no fault.
  public var text: String {
    var words: [String] = []
    if delay > 0 || jitter > 0 {
      words += ["delay", NetemSpec.text(delay)]
      if jitter > 0 { words.append(NetemSpec.text(jitter)) }
      if jitter > 0, distribution != .uniform { words += ["distribution", distribution.rawValue] }
    }
    if reorder > 0 { words += ["reorder", NetemSpec.text(reorder)] }
    switch loss {
    case nil: break
    case .random(let share, _): words += ["loss", NetemSpec.text(share)]
    case .gemodel(let p, let r, _, _): words += ["loss", "gemodel", NetemSpec.text(p), NetemSpec.text(r)]
    case .state(let p13, let p31, let p32, let p23, let p14):
      words += ["loss", "state"] + [p13, p31, p32, p23, p14].map(NetemSpec.text)
    }
    if duplicate > 0 { words += ["duplicate", NetemSpec.text(duplicate)] }
    if corrupt > 0 { words += ["corrupt", NetemSpec.text(corrupt)] }
    if let rate { words += ["rate", BitRate(rate * 8).text] }
    return words.joined(separator: " ")
  }

  /// A duration with three digits, as tc reads it.
  private static func text(_ nanoseconds: Int64) -> String {
    var scale: Int64 = 1
    while nanoseconds.magnitude / scale.magnitude >= 1000 { scale *= 10 }
    let rounded = (nanoseconds + scale / 2) / scale * scale
    return Duration.nanoseconds(rounded).text.filter { $0 != " " }
  }

  /// A percentage with three digits behind the point at most.
  private static func text(_ share: Double) -> String {
    RangeText.percent((share * 1e5).rounded() / 1e5)
  }
}
