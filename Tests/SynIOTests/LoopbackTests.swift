import Foundation
import SynCore
import SynIO
import SynSystem
import SynWire
import Synchronization
import Testing

/// Whether this process may open raw sockets; without, the tests that need one are skipped, and say so.
let hasNetRaw: Bool = {
  let descriptor = socket(AF_INET, Int32(SOCK_RAW.rawValue), Int32(IPPROTO_TCP))
  if descriptor >= 0 { close(descriptor) }
  return descriptor >= 0
}()

/// The events of a series, waited for with a limit.
final class EventLog: Sendable {
  private let events = Mutex<[ProbeEvent]>([])
  private let ended = DispatchSemaphore(value: 0)

  func add(_ event: ProbeEvent) {
    events.withLock { $0.append(event) }
    if case .ended = event { ended.signal() }
  }

  func wait(seconds: Int = 10) -> [ProbeEvent]? {
    ended.wait(timeout: .now() + .seconds(seconds)) == .success ? events.withLock { $0 } : nil
  }
}

@Suite(.enabled(if: hasNetRaw, "needs CAP_NET_RAW"), .serialized) struct Loopback {
  private func run(
    _ target: Endpoint, count: Int = 3, options: ProberConfiguration = ProberConfiguration(), hopLimit: UInt8? = nil
  ) throws -> [ProbeResult] {
    let loop = try LoopThread(options: options)
    let log = EventLog()
    let plan = SeriesPlan(
      target: target, count: count, interval: .milliseconds(10), timeout: .seconds(1), hopLimit: hopLimit)
    loop.start(SeriesID(1), plan) { log.add($0) }
    let events = try #require(log.wait(), "the series ends")
    return events.compactMap { if case .probe(let result) = $0 { result } else { nil } }
  }

  @Test(arguments: [IPAddress.Family.v4, .v6]) func aListenerIsOpenWithAllFourStamps(_ family: IPAddress.Family) throws
  {
    let listener = try LoopbackListener(family)
    let results = try run(listener.endpoint)
    #expect(results.map(\.outcome) == [.open, .open, .open])
    for result in results {
      #expect(result.observation.isComplete)
      let roundTrip = try #require(result.observation.roundTrip)
      #expect(roundTrip > .zero && roundTrip < .seconds(1))
      let parts = [result.observation.egress, result.observation.network, result.observation.ingress].compactMap { $0 }
      #expect(parts.reduce(.zero, +) == roundTrip && parts.allSatisfy { $0 >= .zero })
    }
    #expect(Set(results.map(\.localPort)).count == 3, "source ports rotate")
  }

  @Test(arguments: [IPAddress.Family.v4, .v6]) func aSeriesMayHaveAHopLimitOfItsOwn(_ family: IPAddress.Family) throws {
    let listener = try LoopbackListener(family)
    #expect(try run(listener.endpoint, hopLimit: 7).map(\.outcome) == [.open, .open, .open])
  }

  @Test(arguments: [IPAddress.Family.v4, .v6]) func aPortThatNobodyListensOnIsClosed(_ family: IPAddress.Family) throws
  {
    let endpoint: Endpoint
    do { endpoint = try LoopbackListener(family).endpoint }  // Closed again at once.
    #expect(try run(endpoint).map(\.outcome) == [.closed, .closed, .closed])
  }

  @Test func aFixedSourcePortIsKept() throws {
    let listener = try LoopbackListener(.v4)
    var options = ProberConfiguration()
    options.sourcePorts = .fixed(61_777)
    #expect(try run(listener.endpoint, options: options).map(\.localPort) == [61_777, 61_777, 61_777])
  }

  /// Those below 1024 need a capability each time, which the loop's thread has in force only then.
  @Test(arguments: [20_000, 700] as [UInt16]) func countingSourcePortsTakesEachNextOneAndNoneAgain(
    _ first: UInt16
  ) throws {
    let listener = try LoopbackListener(.v4)
    var options = ProberConfiguration()
    options.sourcePorts = .counting(from: first)
    let ports = try run(listener.endpoint, count: 40, options: options).compactMap(\.localPort)
    #expect(ports.count == 40 && Set(ports).count == 40 && ports == ports.sorted())
    #expect(ports.allSatisfy { (first..<first + 100).contains($0) }, "but those that others hold")
  }

  @Test(arguments: [(SynOptions.client, 60), (.mss, 44), (.none, 44)] as [(SynOptions, UInt16)])
  func theAnswerCarriesWhatTheSynOffers(_ offered: SynOptions, _ length: UInt16) throws {
    let listener = try LoopbackListener(.v4)
    var options = ProberConfiguration()
    options.options = offered
    for result in try run(listener.endpoint, options: options) {
      let packet = try #require(result.reply?.packet)
      #expect(packet.totalLength == length && packet.hasFragmentBits && packet.identification == 0)
      #expect(result.reply?.flags == [.syn, .ack] && result.reply?.urgentPointer == 0)
    }
  }

  @Test func aDeviceHasAnMTU() {
    #expect(Devices.mtu(of: "lo").map { $0 >= 1280 } == true)
    #expect(Devices.mtu(of: "no-such-device") == nil)
  }

  @Test func aTakenSourcePortIsAClearError() throws {
    let listener = try LoopbackListener(.v4)
    var options = ProberConfiguration()
    options.sourcePorts = .fixed(listener.endpoint.port)
    #expect { try LoopThread(options: options) } throws: {
      "\($0)".contains("reserve the source port \(listener.endpoint.port)")
    }
  }

  @Test func cancellingEndsASeriesAtOnceAndKeepsTheIdentity() throws {
    let loop = try LoopThread(options: ProberConfiguration())
    let log = EventLog()
    let listener = try LoopbackListener(.v4)
    let plan = SeriesPlan(target: listener.endpoint, count: nil, interval: .milliseconds(5), timeout: .seconds(60))
    loop.start(SeriesID(1), plan) { log.add($0) }
    usleep(100_000)
    loop.cancel(SeriesID(1))
    let events = try #require(log.wait(seconds: 2))
    let results = events.compactMap { event in if case .probe(let result) = event { result } else { nil } }
    #expect(results.count > 5)
    #expect(results.enumerated().allSatisfy { $0.offset == $0.element.request.sequence })
  }

  @Test func theLoopsThreadHasEverySignalBlocked() throws {
    let before = try threads()
    let loop = try LoopThread(options: ProberConfiguration())
    let added = try threads().filter { before[$0.key] == nil }
    #expect(added.count >= 1)
    // All but SIGKILL, SIGSTOP and glibc's own two.
    let everything = UInt64.max & ~(1 << 8 | 1 << 18 | 1 << 31 | 1 << 32)
    #expect(added.values.contains { $0 & everything == everything })
    withExtendedLifetime(loop) {}
  }

  @Test func theThreadEndsWithTheLoop() throws {
    let before = try threads().count
    for _ in 0..<10 { _ = try LoopThread(options: ProberConfiguration()) }
    #expect(try threads().count <= before + 2)
  }

  @Test func aLoopWhoseLastReferenceGoesOnItsOwnThreadLeavesNoStackBehind() throws {
    // Without the guard page below each stack there is no telling them from other memory; glibc keeps some for reuse.
    func stacks() throws -> Int {
      let maps = try #require(try FileHandle(forReadingAtPath: "/proc/self/maps")?.readToEnd())
      return String(decoding: maps, as: UTF8.self).split(separator: "\n").count {
        $0.contains(" ---p 00000000 00:00 0")
      }
    }
    let before = try stacks()
    for _ in 0..<60 {
      let holder = LastReference(try LoopThread(.connect, options: ProberConfiguration()))
      #expect(holder.releaseOnItsThread())
    }
    #expect(try stacks() < before + 30)
  }

  private final class LastReference: Sendable {
    private let loop: Mutex<LoopThread?>

    init(_ loop: LoopThread) { self.loop = Mutex(loop) }

    func releaseOnItsThread() -> Bool {
      let isReleased = DispatchSemaphore(value: 0)
      loop.withLock { loop in
        loop?.snapshot { [self] _ in
          self.loop.withLock { $0 = nil }
          isReleased.signal()
        }
      }
      return isReleased.wait(timeout: .now() + .seconds(5)) == .success
    }
  }

  /// Blocked signals of each thread of this process.
  private func threads() throws -> [String: UInt64] {
    var masks: [String: UInt64] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task") {
      guard let status = try? String(contentsOfFile: "/proc/self/task/\(name)/status", encoding: .utf8),
        let line = status.split(separator: "\n").first(where: { $0.hasPrefix("SigBlk:") })
      else { continue }
      masks[name] = line.split(separator: "\t").last.flatMap { UInt64($0, radix: 16) }
    }
    return masks
  }
}

@Suite struct NamesAndRoutes {
  @Test func localhostIsResolvedOnAThreadOfItsOwn() throws {
    let resolution = try NameResolution("localhost", family: .v4)
    Waiting.wait(for: [resolution.descriptor], until: SystemClock.now().advanced(by: .seconds(5)))
    #expect(try resolution.result?.get() == [IPAddress(v4: 0x7f00_0001)])
  }

  @Test func aNameThatDoesNotExistFailsInTheResolversWords() throws {
    let resolution = try NameResolution("no-such-host.invalid", family: nil)
    Waiting.wait(for: [resolution.descriptor], until: SystemClock.now().advanced(by: .seconds(20)))
    guard case .failure(let failure) = resolution.result else { return #expect(Bool(false), "resolved") }
    #expect(!failure.description.isEmpty)
  }

  @Test func aLoopbackAddressIsRoutedThroughLo() throws {
    var finder = RouteFinder()
    let route = try finder.route(RouteQuestion(target: IPAddress(v4: 0x7f00_0001)))
    #expect(route.interface == "lo" && route.source == IPAddress(v4: 0x7f00_0001) && route.stampsSent)
  }

  @Test func onlyThisHostsAddressesAreItsOwn() {
    #expect(Devices.isOwn(IPAddress(v4: 0x7f00_0001)))
    #expect(!Devices.isOwn(IPAddress(v4: 0xc000_0263)))
  }

  @Test func theFilterLetsInTheReservedPortsAndWhatQuotesThem() {
    let filter = CaptureFilter(ports: 61_000...65_095).expression
    #expect(filter.contains("tcp dst portrange 61000-65095") && filter.contains("icmp[0] >= 3"))
  }

  @Test func anErrorSaysWhatHappenedToWhat() {
    let link = SystemError.unsupportedLink(device: "wlan0", dlt: 127, name: "IEEE802_11_RADIO")
    #expect("\(link)" == "cannot capture on wlan0: its link type IEEE802_11_RADIO (DLT 127) is not supported")
    let socket = SystemError.system(errno: EPERM, operation: .openRawSocket, subject: "socket()")
    #expect("\(socket)" == "cannot open a raw socket, socket(): Operation not permitted")
    #expect(socket.isMissingCapability && !socket.refusesPacketSocketAlone)
  }
}
