import Glibc

/// Feeds inputs to everything that reads what others wrote: SynFuzz [INPUTS [SEED [FIRST]]].
///
/// A trap ends the process; the last line on stderr names the block of inputs in which it was, to be run again alone.
@main
struct SynFuzz {
  private static let block: UInt64 = 100_000

  static func main() {
    #if GUIDED
      exit(GuidedFuzzer.run())
    #else
      runSeeded()
    #endif
  }

  private static func runSeeded() {
    let numbers = CommandLine.arguments.dropFirst().map { UInt64($0) }
    guard numbers.count <= 3, !numbers.contains(nil) else {
      say("usage: SynFuzz [INPUTS [SEED [FIRST]]]")
      exit(64)
    }
    let given = numbers.compactMap { $0 }
    let total = given.first ?? 1_000_000
    let seed = given.count > 1 ? given[1] : 1
    let first = given.count > 2 ? given[2] : 0
    var points = EntryPoints()
    for number in first..<first + total {
      if number % block == 0 { say("inputs from \(number) of seed \(seed)") }
      var mutator = Mutator(seed: seed, number: number)
      points.run(mutator.next())
    }
    let names = EntryPoints.links.map { "\($0)" } + ["segment", "quoted", "text", "status"]
    for (index, name) in names.enumerated() {
      print("\(name) \(points.taken[index]) \(points.accepted[index])")
    }
    print("icmp \(points.taken[..<5].reduce(0, +)) \(points.errors)")
  }

  private static func say(_ line: String) {
    let bytes = Array("\(line)\n".utf8)
    _ = write(STDERR_FILENO, bytes, bytes.count)
  }
}
