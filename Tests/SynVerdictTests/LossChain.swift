import SynTesting
import SynVerdict

/// The kernel's chains of lost packets (sch_netem.c), a packet at a time.
struct LossChain {
  private let loss: NetemSpec.Loss
  private var generator: SeededGenerator
  private var state = 1
  private var last: Double

  init(_ loss: NetemSpec.Loss, seed: UInt64) {
    self.loss = loss
    generator = SeededGenerator(seed: seed)
    last = Double.random(in: 0..<1, using: &generator)
  }

  mutating func loses() -> Bool {
    switch loss {
    case .random(let share, let correlation):
      last = Double.random(in: 0..<1, using: &generator) * (1 - correlation) + last * correlation
      return last < share
    case .gemodel(let p, let r, let lossInBad, let lossInGood):
      let isBad = state == 2
      if generator.chance(isBad ? r : p) { state = isBad ? 1 : 2 }
      return generator.chance(isBad ? lossInBad : lossInGood)
    case .state(let p13, let p31, let p32, let p23, let p14):
      let draw = Double.random(in: 0..<1, using: &generator)
      switch state {
      case 1: state = draw < p14 ? 4 : draw < p14 + p13 ? 3 : 1
      case 2: state = draw < p23 ? 3 : 2
      case 3: state = draw < p32 ? 2 : draw < p32 + p31 ? 1 : 3
      default: state = 1
      }
      return state >= 3
    }
  }
}
