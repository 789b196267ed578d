import SynDoctor
import Testing

@Suite struct ProcessReports {
  private func status(_ name: String, blocked: UInt64 = 0, ignored: UInt64 = 0, shared: UInt64 = 0) -> TaskStatus {
    func hex(_ bits: UInt64) -> String { String(bits, radix: 16) }
    return TaskStatus(
      """
      Name:\t\(name)
      Uid:\t33\t33\t33\t33
      SigPnd:\t0000000000000000
      ShdPnd:\t\(hex(shared))
      SigBlk:\t\(hex(blocked))
      SigIgn:\t\(hex(ignored))
      SigCgt:\t0000000000004002
      """)
  }

  private func report(_ statuses: [TaskStatus]) -> ProcessReport {
    ProcessReport(pid: 100, statuses.enumerated().map { (tid: 100 + $0.offset, status: $0.element) })
  }

  private static let alarm: UInt64 = 1 << 13

  @Test func threadsThatBlockTheAlarmAreCountedWithWhatFollows() {
    let workers = Array(repeating: status("uwsgi", blocked: 0xffff_fffe_7ffb_feff), count: 17)
    let findings = report([status("uwsgi")] + workers).findings
    #expect(
      findings.first
        == "17 of 18 threads block SIGALRM: a child started from them inherits that; hping3 would hang")
    #expect(findings.contains { $0.hasPrefix("17 of 18 threads block SIGTERM") })
    #expect(findings.last?.hasPrefix("synprobe as a child works all the same") == true)
  }

  @Test func oneThreadIsSpokenOfInTheSingular() {
    let one = report([status("a", blocked: Self.alarm)]).findings.first
    #expect(one?.hasPrefix("its only thread blocks SIGALRM: a child started from it inherits") == true)
    let two = report([status("a", blocked: Self.alarm), status("a")])
    #expect(two.findings.first?.hasPrefix("1 of 2 threads blocks SIGALRM") == true)
  }

  @Test func aProcessThatBlocksNothingIsSaidToBeFit() {
    #expect(
      report([status("a")]).findings == ["no thread blocks SIGALRM: a child that waits for it, as hping3 does, gets it"]
    )
  }

  @Test func whatIsIgnoredIsInherited() {
    #expect(report([status("a", ignored: 1 << 12)]).findings.contains("ignored: SIGPIPE; a child inherits that too"))
  }

  @Test func aSignalThatEveryThreadHoldsBackIsNotDelivered() {
    let term: UInt64 = 1 << 14
    let stuck = report([status("a", blocked: term, shared: term), status("b", blocked: term, shared: term)])
    #expect(
      stuck.findings.contains("SIGTERM was sent to the process and every thread blocks it: it is not delivered"))
    let free = report([status("a", blocked: term, shared: term), status("b", shared: term)])
    #expect(!free.findings.contains { $0.contains("not delivered") })
  }

  @Test func theTextPutsThreadsWithTheSameSignalsOnOneLineAndEscapesNames() {
    let lines = ProcessText(report([status("x\u{1b}[31m"), status("x"), status("y", blocked: Self.alarm)])).lines
    #expect(lines.first == "process 100 (x\\u{1b}[31m), 3 threads")
    #expect(lines.contains("threads 100 x\\u{1b}[31m, 101 x"))
    #expect(lines.contains("thread 102 y") && lines.contains("  blocked  SIGALRM"))
    #expect(lines.contains("  caught   SIGINT SIGTERM"))
  }

  @Test func whatIsNoStatusIsEmptyAndNeverATrap() {
    for text in ["", ":", "SigBlk", "SigBlk:", "SigBlk:\tzz", "SigBlk:\tffffffffffffffffff", "\u{0}\n:\n"] {
      let status = TaskStatus(text)
      #expect(status.signals("SigBlk").names.isEmpty && status.capabilities("CapEff") == nil)
    }
  }
}

@Suite struct Names {
  @Test(
    arguments: [
      (1, "SIGHUP"), (14, "SIGALRM"), (31, "SIGSYS"), (32, "SIG32"), (34, "SIGRTMIN"), (35, "SIGRTMIN+1"),
      (64, "SIGRTMAX"),
    ])
  func aSignalHasLinuxsName(_ number: Int, _ name: String) {
    #expect(SignalNames(1 << UInt64(number - 1)).names == [name])
  }

  @Test(
    arguments: [
      (0, "none"), (0xffff_fffe_7ffb_feff, "all"), (.max, "all"), (0xffff_fffe_7ffb_defe, "all but SIGHUP SIGALRM"),
      (0x6000, "SIGALRM SIGTERM"),
    ] as [(UInt64, String)])
  func aSetOfSignalsIsWrittenInShort(_ bits: UInt64, _ text: String) {
    #expect("\(SignalNames(bits))" == text)
  }

  @Test func capabilitiesHaveTheirNamesAndUnknownOnesANumber() {
    #expect(CapabilityNames(1 << 13).names == ["net_raw"] && CapabilityNames(1 << 13).hasNetRaw)
    #expect(CapabilityNames(1 << 63 | 1).names == ["chown", "cap_63"])
  }
}
