internal import FoundationEssentials

extension JSONTree {
  /// Looks for members of one object that have one name, of which a decoder takes either.
  /// - Parameter text: JSON that a decoder has read.
  /// - Returns: The first such name; nil where there is none.
  package static func doubledMember(of text: String) -> String? {
    let octets = Array(text.utf8)
    // The names of each object that is open; nil for an array.
    var open: [Set<String>?] = []
    // Only within an object.
    var isName = false
    var doubled: String?
    forEachMark(of: octets) { mark, range in
      switch mark {
      case UInt8(ascii: "{"):
        open.append([])
        isName = true
      case UInt8(ascii: "["):
        open.append(nil)
        isName = false
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        _ = open.popLast()
        isName = false
      case UInt8(ascii: ","): isName = open.last.map { $0 != nil } ?? false
      case UInt8(ascii: ":"): isName = false
      case UInt8(ascii: "\""):
        if isName, let name = name(octets[range]), open[open.count - 1]?.insert(name).inserted == false {
          doubled = name
        }
      default: break
      }
      return doubled == nil
    }
    return doubled
  }

  /// Hands over each octet of a JSON text by itself, and each text in it as a whole, by its quotation mark and its place,
  /// until `take` returns false.
  static func forEachMark(of octets: [UInt8], _ take: (UInt8, Range<Int>) -> Bool) {
    var place = 0
    while place < octets.count {
      let end = octets[place] == UInt8(ascii: "\"") ? endOfText(octets, from: place) : place + 1
      guard take(octets[place], place..<end) else { return }
      place = end
    }
  }

  /// Behind the quotation mark that ends the text beginning at `start`.
  private static func endOfText(_ octets: [UInt8], from start: Int) -> Int {
    var place = start + 1
    while place < octets.count, octets[place] != UInt8(ascii: "\"") {
      place += octets[place] == UInt8(ascii: "\\") ? 2 : 1
    }
    return min(place + 1, octets.count)
  }

  /// What a name in its quotation marks says.
  private static func name(_ octets: ArraySlice<UInt8>) -> String? {
    guard octets.contains(UInt8(ascii: "\\")) else {
      return String(decoding: octets.dropFirst().dropLast(), as: UTF8.self)
    }
    return try? JSONDecoder().decode(String.self, from: Data(octets))
  }
}
