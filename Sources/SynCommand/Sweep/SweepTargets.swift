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
  private static let linesBetweenLooks = 4_096
  /// So many endpoints outside of private and documentation space nobody asks by mistake.
  static let mostWithoutAWord: UInt128 = 65_536

  /// What comes next.
  enum Next {
    case space(SweepSpace)
    /// A list's next lines have not come yet.
    case later
    case end
  }

  /// The paths of files of targets; `-` is standard input.
  private var lists: ArraySlice<String>
  private var reader: LineReader?
  private var pending: [AddressSpan] = []
  /// Lines since a space was handed out, those that name nothing too.
  private var linesPending = 0
  /// Why no more lines are read, once those before are handed out.
  private var failure: CommandFailure?
  /// Whether a later run is to go on with the mended list: it must meet the same spaces.
  private let isResumable: Bool
  /// The addresses of the command line, and whether they were handed out.
  private let given: AddressSet
  private var isGivenOut = false
  private var isWaiting = false
  private let ports: [UInt16]
  private let family: IPAddress.Family?
  private let excluded: AddressSet
  private let special: AddressSet
  private let isAgreed: Bool
  private let repetitions: UInt128
  private var routes: SweepRoutes
  private var asked: UInt128 = 0
  /// Endpoints in special-purpose ranges, which are left out.
  private(set) var leftOut: UInt128 = 0

  /// - Throws: `CommandFailure` with status 64 for a word that is neither an address nor a file.
  init(_ command: SweepCommand, ports: [UInt16], _ configuration: ProberConfiguration) throws(CommandFailure) {
    var spans: [AddressSpan] = []
    var lists: [String] = []
    let family = try command.way.family() ?? configuration.source?.family
    for word in command.targets {
      if let span = try SweepTargets.span(word) { spans.append(span) } else { lists.append(word) }
    }
    if let family, lists.isEmpty, spans.allSatisfy({ $0.family != family }) {
      let name = family == .v4 ? "IPv4" : "IPv6"
      let reason = command.way.onlyV4 || command.way.onlyV6 ? "-\(name.suffix(1)) asks for" : "--source is"
      throw CommandFailure(.usage, "no target is \(name), as \(reason)")
    }
    guard (lists + command.exclude).count(where: { $0 == "-" }) <= 1 else {
      throw CommandFailure(.usage, "standard input is read once: give - once")
    }
    let excluded = AddressSet(try SweepTargets.excluded(command.exclude))
    self.lists = lists[...]
    given = AddressSet(spans)
    self.ports = ports
    repetitions = UInt128(command.retries + 1)
    self.family = family
    self.excluded = excluded
    special = command.allowSpecial ? AddressSet([]) : SpecialAddresses.leftOut
    isAgreed = command.yes
    isResumable = command.resume != nil
    routes = SweepRoutes(configuration)
  }

  /// The addresses of a word; nil where it names a file.
  private static func span(_ word: String) throws(CommandFailure) -> AddressSpan? {
    if word == "-" { return nil }
    do throws(AddressSpan.ParseError) { return try AddressSpan.parse(word) } catch {
      if access(word, F_OK) == 0 || errno == EACCES { return nil }
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
      let reader = try LineReader(path: word)
      // Of a pipe, too, all of them are known before anything is sent.
      while let (line, number) = try reader.wait() {
        if let span = try parse(line, reader.name, number) { spans.append(span) }
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

  /// Reads the files once, ahead of all that is sent: a line that means nothing, and too many strangers, are known then.
  /// - Parameter isEnded: Asked now and then: whether there is to be an end.
  /// - Throws: `CommandFailure` with status 64.
  func look(_ isEnded: () -> Bool) throws(CommandFailure) {
    var strangers = count(of: given)
    for path in lists where path != "-" {
      guard access(path, R_OK) == 0 else {
        throw CommandFailure(.usage, "\(path.escaped): \(String(cString: strerror(errno)))")
      }
      guard LineReader.isRegular(path) else { continue }
      let reader = try LineReader(path: path)
      while let (line, number) = try reader.wait() {
        if number % SweepTargets.linesBetweenLooks == 0, isEnded() { return }
        guard let span = try SweepTargets.parse(line, reader.name, number), !isAgreed,
          !SpecialAddresses.harmless.covers(span)
        else { continue }
        strangers = strangers.adding(count(of: AddressSet([span])))
      }
    }
    try agree(to: strangers)
  }

  /// Probes to what is neither private nor documentation space.
  private func count(of addresses: AddressSet) -> UInt128 {
    let meant = addresses.of(family).subtracting(excluded).subtracting(special)
    return meant.subtracting(SpecialAddresses.harmless).count.times(UInt128(ports.count)).times(repetitions)
  }

  private func agree(to strangers: UInt128) throws(CommandFailure) {
    guard isAgreed || strangers <= SweepTargets.mostWithoutAWord else {
      throw CommandFailure(
        .usage,
        "more than \(SweepTargets.mostWithoutAWord) probes outside of private and documentation space: --yes if that is meant"
      )
    }
  }

  /// What a wait for more lines waits on; -1 where none is waited for.
  var descriptor: Int32 { isWaiting ? reader?.descriptor ?? -1 : -1 }

  /// The next endpoints; a space that is empty, since all of it is left out, too.
  /// - Throws: `CommandFailure` with status 64 for a line that means nothing, or for too many without a word.
  mutating func next() throws(CommandFailure) -> Next {
    if !isGivenOut {
      isGivenOut = true
      if !given.spans.isEmpty { return .space(try space(of: given)) }
    }
    while failure == nil, let path = lists.first {
      isWaiting = false
      do throws(CommandFailure) {
        switch try read(path) {
        case .later:
          isWaiting = true
          return .later
        case .end:
          lists.removeFirst()
          reader = nil
        case .line: break
        }
      } catch {
        guard !isResumable else { throw error }
        failure = error
      }
      if linesPending >= SweepTargets.linesAtOnce || lists.isEmpty || failure != nil {
        defer { (pending, linesPending) = ([], 0) }
        return .space(try space(of: AddressSet(pending).subtracting(given)))
      }
    }
    if let failure { throw failure }
    return .end
  }

  /// Reads lines until there are enough, or until none comes.
  private mutating func read(_ path: String) throws(CommandFailure) -> LineReader.Line {
    let reader: LineReader
    if let open = self.reader { reader = open } else { reader = try LineReader(path: path) }
    defer { self.reader = reader }
    while true {
      let next = try reader.next()
      guard case .line(let line, let number) = next else { return next }
      linesPending += 1
      if let span = try SweepTargets.parse(line, reader.name, number) { pending.append(span) }
      if linesPending >= SweepTargets.linesAtOnce { return next }
    }
  }

  private mutating func space(of given: AddressSet) throws(CommandFailure) -> SweepSpace {
    let meant = given.of(family).subtracting(excluded)
    let kept = keep(meant)
    leftOut = leftOut.adding((meant.count - kept.count).times(UInt128(ports.count)))
    guard let space = SweepSpace(kept, ports: ports) else {
      throw CommandFailure(.usage, "more than 2^48 targets: a sweep of them would last for years")
    }
    asked = asked.adding(count(of: given))
    try agree(to: asked)
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

extension AddressSet {
  /// Those of a family; all for nil.
  fileprivate func of(_ family: IPAddress.Family?) -> AddressSet {
    guard let family else { return self }
    return AddressSet(spans.filter { $0.family == family })
  }
}

extension UInt128 {
  /// The product, or the most that can be said.
  fileprivate func times(_ other: UInt128) -> UInt128 {
    let (product, overflow) = multipliedReportingOverflow(by: other)
    return overflow ? .max : product
  }

  /// The sum, or the most that can be said.
  fileprivate func adding(_ other: UInt128) -> UInt128 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }
}
