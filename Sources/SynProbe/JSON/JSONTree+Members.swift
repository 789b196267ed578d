internal import FoundationEssentials

extension JSONTree {
  /// Looks for members of one object that have one name, of which a decoder takes either.
  /// - Parameter text: JSON that a decoder has read.
  /// - Returns: The first such name; nil where there is none.
  package static func doubledMember(of text: String) -> String? {
    let octets = Array(text.utf8)
    // The names of each object that is open; nil for an array.
    var open: [Set<String>?] = []
    var isName = false
    var place = 0
    while place < octets.count {
      switch octets[place] {
      case UInt8(ascii: "{"):
        open.append([])
        isName = true
      case UInt8(ascii: "["):
        open.append(nil)
        isName = false
      case UInt8(ascii: "}"), UInt8(ascii: "]"): _ = open.popLast()
      case UInt8(ascii: ","): isName = open.last.map { $0 != nil } ?? false
      case UInt8(ascii: ":"): isName = false
      case UInt8(ascii: "\""):
        let end = endOfText(octets, from: place)
        if isName, !open.isEmpty, let name = name(octets[place..<end]),
          open[open.count - 1]?.insert(name).inserted == false
        {
          return name
        }
        place = end - 1
      default: break
      }
      place += 1
    }
    return nil
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
