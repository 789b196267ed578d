internal import SynCore

/// In which order a space is swept: each number below its count once, without a list of them.
public enum SweepOrder: Hashable, Sendable {
  /// From the first to the last.
  case linear
  /// As the seed has it: neighbours are not asked one after the other, so that no network meets the whole rate.
  case random(Permutation)

  /// A random order of this seed.
  public static func random(of count: UInt64, seed: UInt64) -> SweepOrder {
    .random(Permutation(of: count, seed: seed))
  }

  /// The number whose turn it is.
  public func number(_ turn: UInt64) -> UInt64 {
    switch self {
    case .linear: turn
    case .random(let permutation): permutation[turn]
    }
  }

  /// A keyed permutation of the numbers below any count: a generalized Feistel network whose halves are residues, walked
  /// until it is below the count (Black and Rogaway, 2002).
  public struct Permutation: Hashable, Sendable {
    private let count: UInt64
    private let seed: UInt64
    private let left: UInt64
    private let right: UInt64
    private static let rounds: UInt64 = 4

    init(of count: UInt64, seed: UInt64) {
      self.count = count
      self.seed = seed
      var root: UInt64 = 1
      while root * root < count { root *= 2 }
      // The least whose square holds the count: few numbers lie beyond it, and few are walked over.
      var low = root / 2
      while low + 1 < root {
        let middle = (low + root) / 2
        if middle * middle < count { low = middle } else { root = middle }
      }
      left = max(root, 1)
      right = max((count + left - 1) / left, 1)
    }

    subscript(_ number: UInt64) -> UInt64 {
      var place = number
      repeat { place = step(place) } while place >= count
      return place
    }

    private func step(_ number: UInt64) -> UInt64 {
      var (other, one) = number.quotientAndRemainder(dividingBy: left)
      for round in 0..<Permutation.rounds {
        let modulus = round.isMultiple(of: 2) ? left : right
        let mixed = SipHash(key: (seed, round)).hash([other, count])
        (one, other) = (other, (one + mixed % modulus) % modulus)
      }
      return other * left + one
    }
  }
}
