import Glibc
import SynCore
import SynWire

/// What one probe costs the engine while others wait.
///
///     SynBench IN_FLIGHT PROBES
///
/// Fills the engine, then answers the oldest and submits another one, PROBES times. Prints nanoseconds a probe, and the
/// octets that each one in flight takes.
@main struct EngineBench {
  static func main() {
    let arguments = CommandLine.arguments.dropFirst().compactMap { Int($0) }
    guard arguments.count == 2, arguments.allSatisfy({ $0 >= 1 }) else {
      print("usage: SynBench IN_FLIGHT PROBES")
      exit(64)
    }
    let (inFlight, count) = (arguments[0], arguments[1])
    let before = residentOctets()
    var run = EngineRun()
    for _ in 0..<inFlight { run.submit() }
    let taken = residentOctets() - before
    let start = SuspendingClock.now
    for _ in 0..<count {
      run.answerOldest()
      run.submit()
    }
    let spent = (SuspendingClock.now - start) / count
    let nanoseconds = Double(spent.components.attoseconds) / 1e9 + Double(spent.components.seconds) * 1e9
    print("\(nanoseconds) \(Double(taken) / Double(inFlight))")
    guard run.isWhole(answered: count, inFlight: inFlight) else {
      print("the outcomes are not the probes")
      exit(70)
    }
  }

  /// The resident set of this process, in octets.
  static func residentOctets() -> Int {
    let file = open("/proc/self/statm", O_RDONLY)
    defer { close(file) }
    var octets = [UInt8](repeating: 0, count: 128)
    let count = read(file, &octets, octets.count)
    let fields = String(decoding: octets.prefix(max(count, 0)), as: UTF8.self).split(separator: " ")
    return (fields.count > 1 ? Int(fields[1]) ?? 0 : 0) * Int(getpagesize())
  }
}
