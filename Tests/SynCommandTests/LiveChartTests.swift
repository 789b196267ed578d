import SynCore
import SynProbe
import SynWire
import Testing

@testable import SynCommand

@Suite struct LiveCharts {
  private static let target = Endpoint(address: IPAddress(v4: 0xc000_0202), port: 80)

  private static func result(
    _ outcome: ProbeOutcome, egress: Int64 = 0, network: Int64 = 0, ingress: Int64 = 0
  ) -> ProbeResult {
    var observation = Observation()
    observation.queued = KernelTimestamp(nanoseconds: 1_000)
    observation.sent = observation.queued?.advanced(by: .nanoseconds(egress))
    observation.received = observation.sent?.advanced(by: .nanoseconds(network))
    observation.delivered = observation.received?.advanced(by: .nanoseconds(ingress))
    let request = ProbeRequest(series: SeriesID(0), sequence: 0, target: target, timeout: .seconds(1))
    return ProbeResult(
      id: ProbeID(0), request: request, submitted: MonotonicInstant(nanoseconds: 0), localPort: nil, outcome: outcome,
      observation: outcome.isAnswer ? observation : Observation(), reply: nil)
  }

  private static func plain(_ lines: [StyledText]) -> [String] {
    lines.map { line in
      var text = line.terminalText(columns: 1_000)
      while let start = text.firstIndex(of: "\u{1b}"), let end = text[start...].firstIndex(of: "m") {
        text.removeSubrange(start...end)
      }
      return text
    }
  }

  @Test func partsAreStackedInTheirColours() {
    let column = LiveColumn(Self.result(.open, egress: 2_000, network: 4_000, ingress: 2_000))
    let lines = LiveChart([column], .linear, width: 10, rows: 2).lines
    // The network takes the upper half of the lower row and the lower half of the upper one.
    #expect(lines[0].terminalText(columns: 10) == "\u{1b}[36;45m▄\u{1b}[0m")
    #expect(lines[1].terminalText(columns: 10) == "\u{1b}[33;46m▄\u{1b}[0m")
  }

  @Test(arguments: [
    (ProbeOutcome.lost(.egress), "e"), (.lost(.network), "n"), (.lost(.ingress), "i"), (.lost(.unknown), "?"),
  ]) func aLossHasTheLetterOfItsPlace(_ outcome: ProbeOutcome, _ letter: String) {
    let columns = [LiveColumn(Self.result(.open, network: 8_000)), LiveColumn(Self.result(outcome))]
    let lines = Self.plain(LiveChart(columns, .linear, width: 10, rows: 2).lines)
    #expect(lines == ["█ ", "█\(letter)"])
  }

  @Test func ofMoreProbesThanColumnsTheLastAreShown() {
    let columns = (1...100).map { LiveColumn(Self.result(.open, network: $0 * 1_000)) }
    let lines = Self.plain(LiveChart(columns, .linear, width: 8, rows: 1).lines)
    #expect(lines[0].count == 8 && lines[0].last == "█")
  }

  @Test func aLogarithmicAxisShowsWhatIsShortBesideWhatIsLong() {
    let columns = [LiveColumn(Self.result(.open, egress: 10_000, network: 99_990_000))]
    let linear = LiveAxis(.linear, columns, levels: 40)
    let log = LiveAxis(.log, columns, levels: 40)
    #expect(linear.level(of: 10_000) == 1 && linear.level(of: 1_000_000) == 1)
    #expect(log.level(of: 10_000) == 1 && (18...22).contains(log.level(of: 1_000_000)))
    #expect(log.level(of: 100_000_000) == 40 && log.labels.bottom == "0.010" && log.level(of: 0) == 0)
  }

  @Test(arguments: [(1, 1), (1, 24), (3, 1), (3, 2), (3, 7), (30, 10), (2, 50)])
  func aPictureFitsItsScreen(_ count: Int, _ rows: Int) {
    let targets = (0..<count).map { _ in
      LiveTarget(
        .init(
          input: "t", target: Self.target, mode: .syn, startedAt: KernelTimestamp(nanoseconds: 0),
          began: MonotonicInstant(nanoseconds: 0), requested: 1, keepsProbes: false, tellsDirection: false), [])
    }
    let lines = LiveScreen(targets, .linear, columns: 60, rows: rows).lines
    #expect(lines.count <= rows && !lines.isEmpty)
  }

  @Test func aTextIsCutToTheColumnsThatThereAre() {
    var text = StyledText("ab")
    text.add("cd", .red)
    text.add("ef", .red)
    #expect(text.width == 6 && text.terminalText(columns: 3) == "ab\u{1b}[31mc\u{1b}[0m")
  }
}
