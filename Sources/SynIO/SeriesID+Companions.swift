internal import SynCore

/// Series that the loop itself runs beside one that was asked for: their numbers are that one's, with a mark.
extension SeriesID {
  private static let witnessMark: UInt64 = 2 << 62
  private static let siblingMark: UInt64 = 1 << 62
  private static let trainMark: UInt64 = 3 << 62
  private static let siblingShift: UInt64 = 58
  /// Those of 58 bits never come again: a service starts thousands a second, and what runs may be a monitor of months.
  private static let main: UInt64 = 1 << siblingShift - 1

  /// So many siblings may be asked at once.
  static let mostSiblings = 16

  /// The series of witnesses beside this one.
  var witness: SeriesID { SeriesID(rawValue & SeriesID.main | SeriesID.witnessMark) }

  /// The series to one of the target's other ports.
  func sibling(_ index: Int) -> SeriesID {
    SeriesID(rawValue & SeriesID.main | SeriesID.siblingMark | UInt64(index) << SeriesID.siblingShift)
  }

  /// The series of trains ahead of this one.
  var train: SeriesID { SeriesID(rawValue & SeriesID.main | SeriesID.trainMark) }

  private var mark: UInt64 { rawValue & SeriesID.trainMark }

  /// Whether it is one of witnesses.
  var isWitness: Bool { mark == SeriesID.witnessMark }

  /// Whether it is one to another port of a target.
  var isSibling: Bool { mark == SeriesID.siblingMark }

  /// Whether it is one of trains.
  var isTrain: Bool { mark == SeriesID.trainMark }

  /// The series that this one runs beside; itself where it was asked for.
  var asked: SeriesID { SeriesID(rawValue & SeriesID.main) }
}

extension ActiveSeries {
  /// Whether it is one of witnesses.
  var isWitness: Bool { id.isWitness }
}
