import SynCore
import SynSystem
import SynWire
import Testing

@testable import SynIO

@Suite(.enabled(if: hasNetRaw, "needs CAP_NET_RAW"), .serialized) struct Batches {
  /// Before Linux 6.13 stamps are told apart by the time of their call: what leaves by one call would share it.
  @Test(arguments: [false, nil]) func everyProbeOfABatchHasStampsOfItsOwn(_ tagsStamps: Bool?) throws {
    let target = Endpoint(address: IPAddress(v4: 0x7f00_0001), port: 1)
    var socket = try RawSocket(.v4, ports: 61_000...61_099, options: ProberConfiguration(), tagsStamps: tagsStamps)
    var finder = RouteFinder()
    let route = try finder.route(RouteQuestion(target: target.address))
    var engine = ProbeEngine(at: SystemClock.now())
    let identities = IdentityAllocator(key: (1, 2))
    var departures: [Departure] = []
    for number in 0..<100 {
      let request = ProbeRequest(series: SeriesID(1), sequence: number, target: target, timeout: .seconds(1))
      let port = UInt16(61_000 + number)
      let identity = identities.identity(of: engine.upcomingID, to: target, from: port)
      try engine.submit(request, as: identity, at: SystemClock.now())
      guard case .transmit(let specification)? = engine.nextAction() else { continue }
      departures.append(Departure(specification: specification, route: route, patience: SystemClock.now()))
    }
    #expect(departures.count == 100)
    var calls: [ProbeID: Departure.Call] = [:]
    socket.send(departures[...]) { calls[$0.id] = try? $1.get() }
    #expect(calls.count == 100)
    var stamps: [ProbeID: [TransmitStamp: KernelTimestamp]] = [:]
    for _ in 0..<100 where stamps.values.count(where: { $0.count == 2 }) < 100 {
      Waiting.wait(for: [socket.rawValue], until: SystemClock.now().advanced(by: .milliseconds(20)))
      socket.drainEvents(newest: engine.newestID) { event, _ in
        if case .stamp(let id, let stamp, let time) = event { stamps[id, default: [:]][stamp] = time }
      }
    }
    #expect(stamps.count == 100 && stamps.values.allSatisfy { $0.count == 2 })
    for (id, call) in calls {
      let queued = try #require(stamps[id]?[.queued])
      #expect(queued - call.began >= .zero && call.ended - queued >= .zero, "of its own call")
    }
  }
}
