internal import Glibc
internal import SynCore
internal import SynIO
internal import SynSweep
internal import SynSystem
internal import SynWire

/// What a sweep asks: the addresses of its command line in one space, then each list's lines by the space.
struct SweepTargets: ~Copyable {
  /// A list is swept by so many lines at a time.
  static let linesAtOnce = 65_536
  /// So many endpoints outside of private and documentation space nobody asks by mistake.
  static let mostWithoutAWord: UInt128 = 65_536

  /// What comes next.
  enum Next {
    case space(SweepSpace)
    /// A list's next lines have not come yet.
    case later
    case end
  }

  private var lists: ArraySlice<List>
  private var reader: LineReader?
  private var pending: [AddressSpan] = []
  private var lineNumber = 0
  private var first: [AddressSpan]?
  private let ports: [UInt16]
  private let family: IPAddress.Family?
  private let excluded: AddressSet
  private let special: AddressSet
  private let isAgreed: Bool
  private var routes: SweepRoutes
  private var asked: UInt128 = 0
  /// Endpoints in special-purpose ranges, which are left out.
  private(set) var leftOut: UInt128 = 0

  /// A file of targets, or standard input.
  private struct List {
    let path: String

    var name: String { path == "-" ? "standard input" : path.escaped }
  }

  /// - Throws: `CommandFailure` with status 64 for a word that is neither an address nor a file.
  init(_ command: SweepCommand, ports: [UInt16], _ configuration: ProberConfiguration) throws(CommandFailure) {
    var spans: [AddressSpan] = []
    var lists: [List] = []
    for word in command.targets {
      if let span = try SweepTargets.span(word) { spans.append(span) } else { lists.append(List(path: word)) }
    }
    guard lists.count(where: { $0.path == "-" }) <= 1 else {
      throw CommandFailure(.usage, "standard input is read once: give - once")
    }
    let family = try command.way.family() ?? configuration.source?.family
    let excluded = AddressSet(try SweepTargets.excluded(command.exclude))
    self.lists = lists[...]
    first = spans
    self.ports = ports
    self.family = family
    self.excluded = excluded
    special = command.allowSpecial ? AddressSet([]) : SpecialAddresses.leftOut
    isAgreed = command.yes
    routes = SweepRoutes(configuration)
  }

  /// The addresses of a word; nil where it names a file.
  private static func span(_ word: String) throws(CommandFailure) -> AddressSpan? {
    if word == "-" { return nil }
    do throws(AddressSpan.ParseError) { return try AddressSpan.parse(word) } catch {
      if access(word, F_OK) == 0 { return nil }
      throw CommandFailure(.usage, "'\(word.escaped)' is no file, and as a target: \(error)")
    }
  }

  private static func excluded(_ words: [String]) throws(CommandFailure) -> [AddressSpan] {
    var spans: [AddressSpan] = []
    for word in words {
      if let span = try span(word) {
        spans.append(span)
        continue
      }
      var number = 0
      for line in try BaselineFile.text(of: word).split(separator: "\n", omittingEmptySubsequences: false) {
        number += 1
        if let span = try parse(line, word.escaped, number) { spans.append(span) }
      }
    }
    return spans
  }

  private static func parse(
    _ line: some StringProtocol, _ name: String, _ number: Int
  ) throws(CommandFailure) -> AddressSpan? {
    do throws(AddressSpan.ParseError) { return try TargetLine.parse(line) } catch {
      throw CommandFailure(.usage, "\(name), line \(number): \(error)")
    }
  }

  /// What a wait for more lines waits on; -1 for nothing.
  var descriptor: Int32 { reader?.descriptor ?? -1 }

  /// The next endpoints; a space that is empty, since all of it is left out, too.
  /// - Throws: `CommandFailure` with status 64 for a line that means nothing, or for too many without a word.
  mutating func next() throws(CommandFailure) -> Next {
    if let spans = first {
      first = nil
      if !spans.isEmpty { return .space(try space(of: spans)) }
    }
    while let list = lists.first {
      switch try read(list) {
      case .later: return .later
      case .end:
        lists.removeFirst()
        lineNumber = 0
        reader = nil
      case .line: break
      }
      if pending.count >= SweepTargets.linesAtOnce || lists.isEmpty {
        defer { pending = [] }
        return .space(try space(of: pending))
      }
    }
    return .end
  }

  /// Reads lines until there are enough, or until none comes.
  private mutating func read(_ list: List) throws(CommandFailure) -> LineReader.Line {
    var reader: LineReader
    if let open = self.reader { reader = open } else { reader = try open(list) }
    defer { self.reader = reader }
    while pending.count < SweepTargets.linesAtOnce {
      let next = try reader.next(list.name)
      guard case .line(let line) = next else { return next }
      lineNumber += 1
      if let span = try SweepTargets.parse(line, list.name, lineNumber) { pending.append(span) }
    }
    return .line("")
  }

  private func open(_ list: List) throws(CommandFailure) -> LineReader {
    if list.path == "-" { return LineReader(STDIN_FILENO) }
    let descriptor = Glibc.open(list.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw CommandFailure(.usage, "\(list.name): \(String(cString: strerror(errno)))") }
    return LineReader(descriptor)
  }

  private mutating func space(of spans: [AddressSpan]) throws(CommandFailure) -> SweepSpace {
    let meant = AddressSet(spans.filter { family == nil || $0.family == family }).subtracting(excluded)
    let kept = keep(meant)
    leftOut += (meant.count - kept.count) * UInt128(ports.count)
    guard let space = SweepSpace(kept, ports: ports) else {
      throw CommandFailure(.usage, "more than 2^48 targets: a sweep of them would last for years")
    }
    asked += kept.subtracting(SpecialAddresses.harmless).count * UInt128(ports.count)
    guard isAgreed || asked <= SweepTargets.mostWithoutAWord else {
      throw CommandFailure(
        .usage,
        "more than \(SweepTargets.mostWithoutAWord) targets outside of private and documentation space: --yes if that is meant"
      )
    }
    return space
  }

  /// What is not special, and of that what is this host's own or on its links; but for multicast, which is nobody's.
  private mutating func keep(_ meant: AddressSet) -> AddressSet {
    let rest = meant.subtracting(special)
    let cut = meant.subtracting(rest).subtracting(SpecialAddresses.multicast)
    guard !cut.spans.isEmpty else { return rest }
    return AddressSet(rest.spans + routes.onLink(cut).spans)
  }
}
